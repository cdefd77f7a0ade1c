import { titleOf } from "../graph/model";
import { plural } from "../ui/format";
import classes from "./Explorer.module.css";
import { type ExplorerState, selectedId } from "./explorerState";
import type { ExplorerModel } from "./useExplorer";

/** What an overlay's colours mean, and what it found. */
export function Legend({ state, explorer }: { state: ExplorerState; explorer: ExplorerModel }) {
  const { overlay } = explorer.marks;
  if (overlay.kind === "none") return null;
  if (overlay.kind === "impact") {
    const card = explorer.loaded.cards.get(selectedId(state));
    const farthest = Math.max(0, ...overlay.hops.values());
    return (
      <div className={classes.legend} role="status">
        <Swatch kind="impact" /> A change of <b>{card ? titleOf(card) : "this asset"}</b> reaches{" "}
        {plural(overlay.reached, "asset")} here, up to {plural(farthest, "hop")} on.
      </div>
    );
  }
  return (
    <div className={classes.legend} role="status">
      <Swatch kind="pii" /> PII: {count(explorer, "PII")} <Swatch kind="confidential" /> Confidential:{" "}
      {count(explorer, "Confidential")}; the rest is public or unknown.
    </div>
  );
}

function count({ model }: ExplorerModel, name: string): number {
  return [...model.cards.values()].filter((card) => card.classification === name).length;
}

function Swatch({ kind }: { kind: "pii" | "confidential" | "impact" }) {
  return (
    <span
      aria-hidden="true"
      className={classes.swatch}
      style={{ background: `var(--nx-graph-${kind}-soft)`, borderColor: `var(--nx-graph-${kind})` }}
    />
  );
}
