import { Button } from "@mantine/core";
import { toProblem } from "../api/problem";
import { titleOf } from "../graph/model";
import { plural } from "../ui/format";
import classes from "./Explorer.module.css";
import { type ExplorerState, selectedId } from "./explorerState";
import type { ExplorerModel } from "./useExplorer";

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
}

/** What the reader must know of the view: focus, the past, an answer that was cut, parts that are missing. */
export function Banners({ state, onChange, explorer }: Props) {
  const card = explorer.loaded.cards.get(selectedId(state));
  const subject = [card ? titleOf(card) : "", state.field].filter(Boolean).join(".");
  return (
    <>
      {state.focus && (
        <div className={classes.banner} role="status">
          <span>
            Focus: only the path of <b>{subject}</b>, {explorer.model.cards.size} of{" "}
            {plural(explorer.loaded.cards.size, "asset")}. The rest is still there.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => onChange({ ...state, focus: false })}>
            Leave focus (Esc)
          </Button>
        </div>
      )}
      {state.asOf !== null && (
        <div className={classes.banner} role="status">
          <span>
            Lineage as it was at the end of <b>{state.asOf}</b>.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => onChange({ ...state, asOf: null })}>
            Back to now
          </Button>
        </div>
      )}
      {explorer.loaded.truncated && (
        <div className={`${classes.banner} ${classes.warn}`} role="status">
          There is more than is shown: the answer was cut at its limit. Fewer hops, or one direction, show all of it.
        </div>
      )}
      {explorer.partialError != null && (
        <div className={`${classes.banner} ${classes.warn}`} role="status">
          Some columns or neighbours could not be read: {toProblem(explorer.partialError).detail}
        </div>
      )}
    </>
  );
}
