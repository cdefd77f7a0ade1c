import { Button } from "@mantine/core";
import { toProblem } from "../api/problem";
import { CHANGE_SIGNS, countChanges } from "../graph/change";
import { isFiltering } from "../graph/filter";
import { titleOf } from "../graph/model";
import { formatTime, plural } from "../ui/format";
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
            {plural(explorer.whole.cards.size, "asset")}. The rest is still there.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => onChange({ ...state, focus: false })}>
            Leave focus (Esc)
          </Button>
        </div>
      )}
      {state.compare !== null ? (
        <Compared state={state} explorer={explorer} />
      ) : (
        (state.asOf !== null || state.knownAt !== null) && (
          <div className={classes.banner} role="status">
            <span>
              Lineage {state.asOf === null ? "of now" : <OfTime words="as of" moment={state.asOf} />}
              {state.knownAt !== null && <OfTime words=", as it was known at" moment={state.knownAt} />}.
            </span>
          </div>
        )
      )}
      {isFiltering(state.filters) && (
        <div className={classes.banner} role="status">
          <span>
            Filtered: {explorer.whole.cards.size} of {plural(explorer.loaded.cards.size, "asset")}. Dotted lines lead
            through what is left out.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => onChange({ ...state, filters: {} })}>
            Show all
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

function OfTime({ words, moment }: { words: string; moment: string }) {
  return (
    <>
      {words} <b>{formatTime(moment)}</b>
    </>
  );
}

const CHANGES = ["added", "removed", "changed"] as const;

/** What two times are compared, how many links changed, and what the signs mean. */
function Compared({ state, explorer }: Pick<Props, "state" | "explorer">) {
  const counts = countChanges(explorer.loaded);
  return (
    <div className={classes.banner} role="status">
      <span>
        From <b>{formatTime(state.compare)}</b> to <b>{state.asOf === null ? "now" : formatTime(state.asOf)}</b>
        {state.knownAt !== null && <OfTime words=", as it was known at" moment={state.knownAt} />}:
      </span>
      {CHANGES.map((change) => (
        <span key={change} className={classes[change]}>
          <span className={classes.sign}>{CHANGE_SIGNS[change]}</span> {plural(counts[change], "link")} {change}
        </span>
      ))}
    </div>
  );
}
