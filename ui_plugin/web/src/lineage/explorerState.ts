/** The explorer's whole view, which lies in the URL: sending the link sends the view. */
import { FILTERS, type Filters } from "../graph/filter";
import { type AssetRef, assetId, decodeAsset, decodeParts, encodeAsset, encodeParts } from "./assetRef";

export type Direction = "upstream" | "downstream" | "both";
export type ViewKind = "groups" | "tables" | "columns" | "list";
export type OverlayKind = "none" | "classes" | "impact";

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
  filters: Filters;
  /** Whether the panel of filters is open. */
  panel: boolean;
  overlay: OverlayKind;
  /** Ids of cards that show all columns, and of groups that show their assets. */
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
    filters: {},
    panel: false,
    overlay: "none",
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
    view: oneOf(params.get("view"), ["groups", "tables", "columns", "list"], usual.view),
    filters: readFilters(params),
    panel: params.get("panel") === "1",
    overlay: oneOf(params.get("overlay"), ["none", "classes", "impact"], usual.overlay),
    open: params.getAll("open"),
    expanded: params.getAll("expand").flatMap(readExpansion),
  };
}

export function writeState(state: ExplorerState): URLSearchParams {
  const { kind, namespace, name } = state.root;
  const params = new URLSearchParams({ namespace, name, ...(kind === "dataset" ? {} : { kind }) });
  const usual: [string, string | null][] = textsOf(startAt(state.root));
  textsOf(state).forEach(([key, text], index) => {
    if (text !== null && text !== usual[index]?.[1]) params.set(key, text);
  });
  for (const name of FILTERS) for (const value of state.filters[name] ?? []) params.append(`only_${name}`, value);
  for (const id of state.open) params.append("open", id);
  for (const one of state.expanded) params.append("expand", encodeParts([one.side, one.namespace, one.name]));
  return params;
}

/** What has one value, by its name in the URL; null and what is usual are left out. */
function textsOf(state: ExplorerState): [string, string | null][] {
  const flag = (is: boolean) => (is ? "1" : null);
  return [
    ["selected", state.selected && encodeAsset(state.selected)],
    ["field", state.field],
    ["link", state.link],
    ["direction", state.direction],
    ["depth", String(state.depth)],
    ["as_of", state.asOf],
    ["compare", state.compare],
    ["known_at", state.knownAt],
    ["time", flag(state.time)],
    ["indirect", flag(state.indirect)],
    ["focus", flag(state.focus)],
    ["view", state.view],
    ["panel", flag(state.panel)],
    ["overlay", state.overlay],
  ];
}

function oneOf<T extends string>(text: string | null, allowed: readonly T[], usual: T): T {
  return allowed.find((value) => value === text) ?? usual;
}

function readFilters(params: URLSearchParams): Filters {
  const chosen = FILTERS.map((name) => [name, params.getAll(`only_${name}`)] as const);
  return Object.fromEntries(chosen.filter(([, values]) => values.length > 0));
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
