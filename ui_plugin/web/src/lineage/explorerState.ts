/** The explorer's whole view, which lies in the URL: sending the link sends the view. */
import { type AssetRef, assetId, decodeAsset, decodeParts, encodeAsset, encodeParts } from "./assetRef";

export type Direction = "upstream" | "downstream" | "both";
export type ViewKind = "columns" | "tables" | "list";

export interface Expansion {
  side: "upstream" | "downstream";
  namespace: string;
  name: string;
}

export interface ExplorerState {
  root: AssetRef;
  /** The asset whose details are shown; null before the reader chose one. */
  selected: AssetRef | null;
  /** The traced column of the selected asset, else of the root. */
  field: string | null;
  /** The link whose details are shown. */
  link: string | null;
  direction: Direction;
  depth: number;
  /** A moment (RFC 3339, UTC) whose lineage is shown; null is now. */
  asOf: string | null;
  /** An earlier moment that it is compared with. */
  compare: string | null;
  /** Shown as it was known at a moment; null is now. */
  knownAt: string | null;
  /** Whether the time bar is open although nothing of it is used. */
  time: boolean;
  indirect: boolean;
  focus: boolean;
  view: ViewKind;
  /** Ids of cards that show all columns. */
  open: string[];
  expanded: Expansion[];
}

export const ALL_HOPS = 50;
export const DEPTHS = [1, 2, 3, 5, 10, ALL_HOPS];
const DEFAULT_DEPTH = 2;

export function startAt(root: AssetRef): ExplorerState {
  return {
    root,
    selected: null,
    field: null,
    link: null,
    direction: "both",
    depth: DEFAULT_DEPTH,
    asOf: null,
    compare: null,
    knownAt: null,
    time: false,
    indirect: false,
    focus: false,
    view: "columns",
    open: [],
    expanded: [],
  };
}

export function selectedAsset(state: ExplorerState): AssetRef {
  return state.selected ?? state.root;
}

export function selectedId(state: ExplorerState): string {
  return assetId(selectedAsset(state));
}

/** The view that a URL tells; null where it names no asset. Parts that make no sense fall back to the usual. */
export function readState(params: URLSearchParams): ExplorerState | null {
  const namespace = params.get("namespace");
  const name = params.get("name");
  if (!namespace || !name) return null;
  const kind = params.get("kind") === "job" ? "job" : "dataset";
  const usual = startAt({ kind, namespace, name });
  const selected = params.get("selected");
  return {
    ...usual,
    selected: selected === null ? null : decodeAsset(selected),
    field: params.get("field"),
    link: params.get("link"),
    direction: oneOf(params.get("direction"), ["upstream", "downstream", "both"], usual.direction),
    depth: readDepth(params.get("depth"), usual.depth),
    asOf: readMoment(params.get("as_of")),
    compare: readMoment(params.get("compare")),
    knownAt: readMoment(params.get("known_at")),
    time: params.get("time") === "1",
    indirect: params.get("indirect") === "1",
    focus: params.get("focus") === "1",
    view: oneOf(params.get("view"), ["columns", "tables", "list"], usual.view),
    open: params.getAll("open"),
    expanded: params.getAll("expand").flatMap(readExpansion),
  };
}

export function writeState(state: ExplorerState): URLSearchParams {
  const usual = startAt(state.root);
  const params = new URLSearchParams({ namespace: state.root.namespace, name: state.root.name });
  if (state.root.kind === "job") params.set("kind", "job");
  if (state.selected) params.set("selected", encodeAsset(state.selected));
  if (state.field !== null) params.set("field", state.field);
  if (state.link !== null) params.set("link", state.link);
  if (state.direction !== usual.direction) params.set("direction", state.direction);
  if (state.depth !== usual.depth) params.set("depth", String(state.depth));
  if (state.asOf !== null) params.set("as_of", state.asOf);
  if (state.compare !== null) params.set("compare", state.compare);
  if (state.knownAt !== null) params.set("known_at", state.knownAt);
  if (state.time) params.set("time", "1");
  if (state.indirect) params.set("indirect", "1");
  if (state.focus) params.set("focus", "1");
  if (state.view !== usual.view) params.set("view", state.view);
  for (const id of state.open) params.append("open", id);
  for (const { side, namespace, name } of state.expanded) params.append("expand", encodeParts([side, namespace, name]));
  return params;
}

function oneOf<T extends string>(text: string | null, allowed: readonly T[], usual: T): T {
  return allowed.find((value) => value === text) ?? usual;
}

function readDepth(text: string | null, usual: number): number {
  const depth = Number(text);
  return text !== null && Number.isInteger(depth) && depth >= 1 && depth <= ALL_HOPS ? depth : usual;
}

/** A moment in UTC to the second; a bare day means its end. */
export function readMoment(text: string | null): string | null {
  if (text === null) return null;
  const moment = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text);
  return Number.isNaN(moment) ? null : momentOf(moment);
}

/** A moment in UTC to the second, from milliseconds. */
export function momentOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Whether the view looks at another time than now, or compares two. */
export function isOfTime(state: ExplorerState): boolean {
  return state.asOf !== null || state.compare !== null || state.knownAt !== null;
}

function readExpansion(text: string): Expansion[] {
  const [side, namespace, name] = decodeParts(text, 3) ?? [];
  if ((side !== "upstream" && side !== "downstream") || namespace === undefined || name === undefined) return [];
  return [{ side, namespace, name }];
}
