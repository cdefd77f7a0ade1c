import { useCallback, useMemo, useState } from "react";
import type { DatasetDetail } from "../../api/types";
import { Explorer } from "../../lineage/Explorer";
import { type ExplorerState, startAt } from "../../lineage/explorerState";
import classes from "./AssetPage.module.css";

/** The lineage graph one hop each way. */
export default function LineageTab({ dataset }: { dataset: DatasetDetail }) {
  const { namespace, name } = dataset;
  const start = useMemo(() => ({ ...startAt({ kind: "dataset", namespace, name }), depth: 1 }), [namespace, name]);
  const [state, setState] = useState<ExplorerState>(start);
  const change = useCallback((next: ExplorerState) => setState(next), []);
  return (
    <div className={classes.lineage}>
      <Explorer state={state} onChange={change} isCompact />
    </div>
  );
}
