import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetQuery } from "../api/queries";
import { type Closure, restrict, traceCard, traceColumn } from "../graph/closure";
import type { Hit } from "../graph/hit";
import { type Column, type GraphModel, linkedColumns } from "../graph/model";
import type { Marks } from "../graph/paint/marks";
import type { Display } from "../graph/shape";
import { assetId } from "./assetRef";
import { type ExplorerState, selectedId } from "./explorerState";
import { besideEach, moreOfEach } from "./neighbours";
import { useLineage } from "./useLineage";
import { useScene } from "./useScene";

/** Linked columns are listed on closed cards up to this many cards; beyond, a trace brings them out. */
const MOST_CARDS_WITH_COLUMNS = 60;
const NOTHING: GraphModel = { cards: new Map(), links: [], truncated: false };

/** Everything that the explorer shows for a state. */
export function useExplorer(state: ExplorerState) {
  const lineage = useLineage(state);
  const loaded = lineage.model ?? NOTHING;
  const closure = useMemo(() => closureOf(loaded, state), [loaded, state]);
  const model = useMemo(
    () => (state.focus && closure ? restrict(loaded, closure) : loaded),
    [loaded, closure, state.focus],
  );
  const { display, ...cardState } = useDisplay(model, state, closure);
  const scene = useScene(lineage.model ? model : null, display, selectedId(state));
  const [hovered, setHovered] = useState<Hit | null>(null);
  const beside = useMemo(() => besideEach(loaded), [loaded]);
  const marks = useMemo(
    () => marksOf(state, closure, hovered, state.focus ? new Map() : moreOfEach(loaded, beside, state.expanded)),
    [state, closure, hovered, loaded, beside],
  );
  return { ...lineage, loaded, model, scene, marks, closure, beside, setHovered, ...cardState };
}

/** What is lit: a link, a column's trace, or all that a chosen card touches. */
function closureOf(model: GraphModel, state: ExplorerState): Closure | null {
  const ways = { upstream: state.direction !== "downstream", downstream: state.direction !== "upstream" };
  const card = selectedId(state);
  if (state.field !== null) return traceColumn(model, { card, column: state.field }, ways);
  if (state.selected !== null || state.focus) return traceCard(model, card, ways);
  return null;
}

function marksOf(state: ExplorerState, lit: Closure | null, hovered: Hit | null, more: Marks["more"]): Marks {
  const isSomething = state.selected !== null || state.field !== null;
  return {
    root: assetId(state.root),
    selected: isSomething ? { card: selectedId(state), column: state.field } : null,
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
          dataset.fields.map(({ name, type, ordinal }) => ({ name, type: type ?? null, ordinal })),
        ]),
      ),
    [read],
  );
}

export type ExplorerModel = ReturnType<typeof useExplorer>;
