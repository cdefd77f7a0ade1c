import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router-dom";
import { Explorer } from "../lineage/Explorer";
import { type ExplorerState, readState, writeState } from "../lineage/explorerState";
import { JobFromAirflow } from "../lineage/JobFromAirflow";
import { PLACE } from "../lineage/place";

/** The explorer, with its whole view in the URL. */
export default function LineagePage() {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readState(params), [params]);
  const change = useCallback((next: ExplorerState) => setParams(withPlace(writeState(next))), [setParams]);
  if (!state) return <JobFromAirflow params={params} />;
  return <Explorer state={state} onChange={change} />;
}

/** The part of the graph that is on screen stays in the address, whatever else changes. */
function withPlace(params: URLSearchParams): URLSearchParams {
  const place = new URLSearchParams(location.search).get(PLACE);
  if (place !== null) params.set(PLACE, place);
  return params;
}
