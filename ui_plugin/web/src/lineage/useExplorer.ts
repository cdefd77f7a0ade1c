import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetQuery } from "../api/queries";
import type { FieldDetail } from "../api/types";
import { type Closure, hopsDownstream, restrict, traceCard, traceColumn } from "../graph/closure";
import { applyFilters } from "../graph/filter";
import { collapse, type GroupOf, groupsOf } from "../graph/groups";
import type { Hit } from "../graph/hit";
import { type Column, type GraphModel, linkedColumns } from "../graph/model";
import { type Marks, NO_OVERLAY, type Overlay } from "../graph/paint/marks";
import type { Display } from "../graph/shape";
import { assetId } from "./assetRef";
import { type ExplorerState, selectedId } from "./explorerState";
import { besideEach, moreOfEach } from "./neighbours";
import { useLineage } from "./useLineage";
import { type RoomOf, useScene } from "./useScene";

/** Linked columns are listed on closed cards up to this many cards; beyond, a trace brings them out. */
const MOST_CARDS_WITH_COLUMNS = 60;
const NOTHING: GraphModel = { cards: new Map(), links: [], truncated: false };

/** Everything that the explorer shows for a state.
 *
 * `loaded` is all that was read, `model` what of it is shown: filtered, grouped, and in focus only a path.
 */
export function useExplorer(state: ExplorerState, roomOf: RoomOf) {
  const lineage = useLineage(state);
  const loaded = lineage.model ?? NOTHING;
  const { whole, groups } = useWhole(loaded, state);
  const at = groups.get(selectedId(state)) ?? selectedId(state);
  const root = groups.get(assetId(state.root)) ?? assetId(state.root);
  const closure = useClosure(whole, state, at);
  const model = useMemo(
    () => (state.focus && closure ? restrict(whole, closure) : whole),
    [whole, closure, state.focus],
  );
  const { display, ...cardState } = useDisplay(model, state, closure);
  const scene = useScene(lineage.model ? model : null, display, [at, root], state.focus, roomOf);
  const [hovered, setHovered] = useState<Hit | null>(null);
  const beside = useMemo(() => besideEach(whole), [whole]);
  const more = useMemo(
    () => (state.focus ? new Map() : moreOfEach(loaded, besideEach(loaded), state.expanded)),
    [loaded, state.focus, state.expanded],
  );
  const chosen = selectedId(state);
  const overlay = useMemo(
    () => overlayOf(loaded, groups, state.overlay, chosen),
    [loaded, groups, state.overlay, chosen],
  );
  const marks = useMemo(
    () => ({ ...marksOf(state, at, closure, hovered, more), root, overlay }),
    [state, at, root, closure, hovered, more, overlay],
  );
  return { ...lineage, loaded, whole, model, scene, marks, closure, beside, setHovered, ...cardState };
}

/** What passes the filters, in groups where these are asked for, and in which group each asset lies. */
function useWhole(loaded: GraphModel, state: ExplorerState): { whole: GraphModel; groups: GroupOf } {
  const { filters, view, open } = state;
  const [root, selected] = [assetId(state.root), selectedId(state)];
  const passed = useMemo(() => applyFilters(loaded, filters, [root, selected]), [loaded, filters, root, selected]);
  return useMemo(() => {
    const groups: GroupOf = view === "groups" ? groupsOf(passed, open) : new Map();
    return { whole: view === "groups" ? collapse(passed, groups) : passed, groups };
  }, [passed, view, open]);
}

/** Hops are counted over all that was read, whatever is filtered out; those of a group are its nearest asset's. */
function overlayOf(model: GraphModel, groups: GroupOf, kind: ExplorerState["overlay"], card: string): Overlay {
  if (kind !== "impact") return kind === "classes" ? { kind } : NO_OVERLAY;
  const ofCards = hopsDownstream(model, card);
  const hops = new Map(ofCards);
  for (const [id, hop] of ofCards) {
    const group = groups.get(id);
    if (group !== undefined && !hops.has(group)) hops.set(group, hop);
  }
  return { kind, hops, reached: ofCards.size - 1 };
}

function useClosure(model: GraphModel, state: ExplorerState, at: string): Closure | null {
  const { field, focus, direction } = state;
  const isChosen = state.selected !== null;
  return useMemo(
    () => closureOf(model, { at, field, isChosen: isChosen || focus, direction }),
    [model, at, field, isChosen, focus, direction],
  );
}

interface Chosen {
  at: string;
  field: string | null;
  isChosen: boolean;
  direction: ExplorerState["direction"];
}

/** What is lit: a column's trace, or all that a chosen card touches. */
function closureOf(model: GraphModel, { at, field, isChosen, direction }: Chosen): Closure | null {
  const ways = { upstream: direction !== "downstream", downstream: direction !== "upstream" };
  if (field !== null && model.cards.get(at)?.kind !== "group")
    return traceColumn(model, { card: at, column: field }, ways);
  return isChosen ? traceCard(model, at, ways) : null;
}

function marksOf(
  state: ExplorerState,
  at: string,
  lit: Closure | null,
  hovered: Hit | null,
  more: Marks["more"],
): Omit<Marks, "root" | "overlay"> {
  const isSomething = state.selected !== null || state.field !== null;
  return {
    selected: isSomething ? { card: at, column: state.field } : null,
    selectedLink: state.link,
    hovered: hovered?.kind === "column" ? { card: hovered.card, column: hovered.column } : null,
    hoveredCurve: hovered?.kind === "curve" ? hovered.curve.id : null,
    lit,
    more,
  };
}

/** How cards are shown: which are open, filtered or paged, and all columns of the open ones. */
function useDisplay(model: GraphModel, state: ExplorerState, closure: Closure | null) {
  const [filters, setFilters] = useState<ReadonlyMap<string, string>>(new Map());
  const [pages, setPages] = useState<ReadonlyMap<string, number>>(new Map());
  const linked = useMemo(() => linkedColumns(model), [model]);
  const allColumns = useAllColumns(model, state.open);
  const root = assetId(state.root);
  const trace = state.field === null ? null : closure;
  const showColumns = state.view === "columns" && model.cards.size <= MOST_CARDS_WITH_COLUMNS;
  const display = useMemo<Display>(
    () => ({ showColumns, root, open: new Set(state.open), allColumns, filters, pages, trace, linked }),
    [showColumns, root, state.open, allColumns, filters, pages, trace, linked],
  );
  const filterCard = (id: string, text: string) => {
    setFilters((before) => new Map(before).set(id, text));
    setPages((before) => new Map(before).set(id, 0));
  };
  const turnPage = (id: string, step: number) =>
    setPages((before) => new Map(before).set(id, Math.max(0, (before.get(id) ?? 0) + step)));
  return { display, filterCard, turnPage };
}

function useAllColumns(model: GraphModel, open: readonly string[]): ReadonlyMap<string, Column[]> {
  const cards = open.flatMap((id) => model.cards.get(id) ?? []).filter((card) => card.kind === "dataset");
  const read = useQueries({
    queries: cards.map((card) => datasetQuery(card.namespace, card.name)),
    combine: (results) => results.flatMap((result) => result.data ?? []),
  });
  return useMemo(
    () =>
      new Map(
        read.map((dataset) => [
          assetId({ kind: "dataset", namespace: dataset.namespace, name: dataset.name }),
          dataset.fields.map(columnOf),
        ]),
      ),
    [read],
  );
}

function columnOf({ name, type, ordinal, classification }: FieldDetail): Column {
  return { name, type: type ?? null, ordinal, ...(classification ? { classification } : {}) };
}

export type ExplorerModel = ReturnType<typeof useExplorer>;
