import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { type GraphQuery, graphQuery } from "../api/queries";
import type { GraphAnswer } from "../api/types";
import { compareModels } from "../graph/change";
import { type GraphModel, mergeAnswers } from "../graph/model";
import { assetId } from "./assetRef";
import { ALL_HOPS, type ExplorerState, selectedAsset } from "./explorerState";

/** As many nodes as one answer may have. */
const MOST_NODES = 10_000;

export interface Lineage {
  model: GraphModel | null;
  isFetching: boolean;
  /** Why nothing can be shown. */
  error: unknown;
  /** Why columns or an extension are missing from what is shown. */
  partialError: unknown;
}

/** Read what a view needs and join it: assets, their columns, a traced column end to end, expansions.
 *
 * Assets are shown as soon as they are there; the rest joins them. Two times that are compared are shown as one graph,
 * once both are read whole: what is still missing would look like a change.
 */
export function useLineage(state: ExplorerState): Lineage {
  const read = useQueries({ queries: queriesFor(state, state.asOf).map(graphQuery), combine });
  const compared = state.compare === null ? [] : queriesFor(state, state.compare);
  const old = useQueries({ queries: compared.map(graphQuery), combine });
  const isWhole = !read.isFetching && !old.isFetching;
  const fresh = useMemo(() => {
    if (!read.answers || (state.compare !== null && !(isWhole && old.answers))) return null;
    const model = mergeAnswers(read.answers);
    return state.compare !== null && old.answers ? compareModels(mergeAnswers(old.answers), model) : model;
  }, [read.answers, old.answers, isWhole, state.compare]);
  const model = useLastOf(fresh, assetId(state.root));
  return {
    model,
    isFetching: !isWhole,
    error: read.error ?? old.error,
    partialError: read.partialError ?? old.partialError,
  };
}

function queriesFor(state: ExplorerState, asOf: string | null): GraphQuery[] {
  const shared = {
    ...(asOf === null ? {} : { as_of: asOf }),
    ...(state.knownAt === null ? {} : { known_at: state.knownAt }),
    ...(state.indirect ? { indirect: true } : {}),
    limit: MOST_NODES,
    labels: true,
  };
  const { namespace, name } = state.root;
  const kind = state.root.kind === "job" ? ("job" as const) : ("dataset" as const);
  const base = { ...shared, kind, namespace, name, direction: state.direction, depth: state.depth };
  const expansions = state.expanded.map(({ side, ...asset }) => ({ ...shared, ...asset, direction: side, depth: 1 }));
  const levels = [base, ...expansions].flatMap((query) => [
    { ...query, granularity: "dataset" as const },
    { ...query, granularity: "field" as const },
  ]);
  const start = selectedAsset(state);
  if (state.field === null || start.kind !== "dataset") return levels;
  const trace = { ...shared, namespace: start.namespace, name: start.name, field: state.field };
  return [...levels, { ...trace, direction: state.direction, depth: ALL_HOPS, granularity: "field" as const }];
}

interface Result {
  data: GraphAnswer | undefined;
  error: Error | null;
  isPending: boolean;
  isFetching: boolean;
}

function combine(results: Result[]) {
  const base = results[0];
  return {
    answers: base?.data ? results.flatMap((result) => result.data ?? []) : null,
    isFetching: results.some((result) => result.isFetching),
    error: base?.error ?? null,
    partialError: results.slice(1).find((result) => result.error)?.error ?? null,
  };
}

/** The value, or while there is none the last one of the same key, so that the graph does not vanish on each change. */
function useLastOf<T>(value: T | null, key: string): T | null {
  const last = useRef<{ key: string; value: T } | null>(null);
  if (value !== null) last.current = { key, value };
  return last.current?.key === key ? last.current.value : null;
}
