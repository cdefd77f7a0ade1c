import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router-dom";
import { Explorer } from "../lineage/Explorer";
import { type ExplorerState, readState, writeState } from "../lineage/explorerState";
import { JobFromAirflow } from "../lineage/JobFromAirflow";

/** The explorer, with its whole view in the URL. */
export default function LineagePage() {
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readState(params), [params]);
  const change = useCallback((next: ExplorerState) => setParams(writeState(next)), [setParams]);
  if (!state) return <JobFromAirflow params={params} />;
  return <Explorer state={state} onChange={change} />;
}
