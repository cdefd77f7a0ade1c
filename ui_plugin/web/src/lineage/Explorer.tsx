import { Loader } from "@mantine/core";
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router-dom";
import { assetAddress } from "../app/addresses";
import { GraphCanvas } from "../graph/canvas/GraphCanvas";
import { Minimap } from "../graph/canvas/Minimap";
import type { Stage } from "../graph/canvas/Stage";
import { roomWithin } from "../graph/fitting";
import type { Size } from "../graph/view";
import { EmptyState, ProblemNotice } from "../ui/Notice";
import { actionsFor } from "./actions";
import { assetId } from "./assetRef";
import { Banners } from "./Banners";
import { ColumnFilter } from "./ColumnFilter";
import { Drawer } from "./Drawer";
import classes from "./Explorer.module.css";
import { type ExplorerState, isOfTime, selectedAsset } from "./explorerState";
import { FilterPanel } from "./FilterPanel";
import { Legend } from "./Legend";
import { LineageList } from "./LineageList";
import { TimeBar } from "./TimeBar";
import { Toolbar } from "./Toolbar";
import { useExplorer } from "./useExplorer";
import { useFirstLook } from "./useFirstLook";
import { usePlace } from "./usePlace";
import { onKey } from "./walk";
import { ZoomTools } from "./ZoomTools";

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  /** Shown within an asset's page: without toolbar. */
  isCompact?: boolean;
}

/** Free pixels round the tools in the corner. */
const CLEARANCE = 10;

/** The lineage graph with its tools, details and list twin. */
export function Explorer({ state, onChange, isCompact = false }: Props) {
  const [stage, setStage, roomOf] = useStageRoom();
  const explorer = useExplorer(state, roomOf);
  const [filtering, setFiltering] = useState<string | null>(null);
  const navigate = useNavigate();
  const find = useRef<HTMLInputElement>(null);
  const root = assetId(state.root);
  const occasion = `${root} ${state.focus} ${state.view === "groups"} ${useSettled(root, explorer.isFetching)}`;
  const place = usePlace(stage, explorer.marks.root, !isCompact);
  const anchors = useMemo(
    () => [explorer.marks.selected?.card, explorer.marks.root].filter((id) => id !== undefined),
    [explorer.marks.selected?.card, explorer.marks.root],
  );
  useFirstLook(stage, explorer.scene, { occasion, anchors, place });
  const actions = useMemo(
    () => actionsFor(state, onChange, explorer.whole, { turnPage: explorer.turnPage, openFilter: setFiltering }),
    [state, onChange, explorer.whole, explorer.turnPage],
  );
  const openAsset = useCallback(() => {
    const asset = selectedAsset(state);
    if (asset.kind === "dataset") navigate(assetAddress(asset.namespace, asset.name));
  }, [state, navigate]);
  useSlashKey(find);
  if (explorer.error && !explorer.model.cards.size) return <ProblemNotice error={explorer.error} />;
  const isList = state.view === "list";
  const isAlone = explorer.loaded.cards.size === 1 && !explorer.isFetching;
  return (
    <div className={classes.explorer}>
      {!isCompact && (
        <Toolbar state={state} onChange={onChange} explorer={explorer} stage={stage} find={find} actions={actions} />
      )}
      {!isCompact && (state.time || isOfTime(state)) && <TimeBar state={state} onChange={onChange} />}
      <Banners state={state} onChange={onChange} explorer={explorer} />
      <div className={classes.body}>
        {!isCompact && state.panel && <FilterPanel state={state} onChange={onChange} explorer={explorer} />}
        <div className={classes.stage}>
          {isList ? (
            <LineageList explorer={explorer} actions={actions} />
          ) : (
            <>
              <GraphCanvas
                scene={explorer.scene}
                marks={explorer.marks}
                label={`Lineage of ${state.root.name}. Arrow keys follow it, F focuses, Enter opens; the list view says the same in words.`}
                onHit={actions.hit}
                onHover={explorer.setHovered}
                onOpen={actions.focusOn}
                onKeyDown={(event) => onKey(event, { state, onChange, explorer, stage, actions, openAsset })}
                onReady={setStage}
              />
              {explorer.scene.cards.size === 0 && (
                <div className={classes.wait} role="status">
                  <Loader size="sm" /> Reading lineage…
                </div>
              )}
              <Legend state={state} explorer={explorer} />
              {stage && !isCompact && explorer.scene.cards.size > 0 && (
                <div
                  className={classes.corner}
                  ref={(element) => {
                    if (element) stage.corner = cornerOf(element);
                  }}
                >
                  <div className={classes.map} aria-hidden="true">
                    <Minimap stage={stage} marks={explorer.marks} />
                  </div>
                  <ZoomTools stage={stage} />
                </div>
              )}
              {stage && filtering !== null && (
                <ColumnFilter
                  stage={stage}
                  card={filtering}
                  onChange={(text) => explorer.filterCard(filtering, text)}
                  onClose={() => setFiltering(null)}
                />
              )}
              {isAlone && (
                <div className={classes.alone}>
                  <EmptyState title="No lineage is known here yet">
                    Lineage comes from view definitions, query logs and the events of jobs that read or write this
                    asset. Run such a job, or harvest its source again.
                  </EmptyState>
                </div>
              )}
            </>
          )}
        </div>
        {(state.selected || state.link || state.field) && (
          <Drawer state={state} onChange={onChange} explorer={explorer} actions={actions} />
        )}
      </div>
    </div>
  );
}

/** What minimap and zoom tools take of the lower left corner. */
function cornerOf({ offsetLeft, offsetTop, offsetWidth, offsetParent }: HTMLElement): Size {
  const height = (offsetParent?.clientHeight ?? offsetTop) - offsetTop;
  return { width: offsetLeft + offsetWidth + CLEARANCE, height: height + CLEARANCE };
}

/** The canvas's stage, and the room that it has for the graph without being laid out anew when that changes. */
function useStageRoom() {
  const [stage, setStage] = useState<Stage | null>(null);
  const ready = useRef<Stage | null>(null);
  const onReady = useCallback((created: Stage | null) => {
    ready.current = created;
    setStage(created);
  }, []);
  const roomOf = useCallback(() => (ready.current ? roomWithin(ready.current.size) : null), []);
  return [stage, onReady, roomOf] as const;
}

/** Whether all of a root's first reading has arrived; later readings do not undo it. */
function useSettled(root: string, isFetching: boolean): boolean {
  const settled = useRef<string | null>(null);
  if (!isFetching) settled.current = root;
  return settled.current === root;
}

/** `/` goes to the search in the graph, unless the reader is typing. */
function useSlashKey(find: React.RefObject<HTMLInputElement | null>): void {
  useLayoutEffect(() => {
    const onSlash = (event: globalThis.KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key !== "/" || isTyping || !find.current) return;
      event.preventDefault();
      find.current.focus();
    };
    addEventListener("keydown", onSlash);
    return () => removeEventListener("keydown", onSlash);
  }, [find]);
}
