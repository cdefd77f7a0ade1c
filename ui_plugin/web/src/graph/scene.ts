/** The placed graph: where each card stands and how each curve runs. */
import { type Change, changeOfAll } from "./change";
import type { Layout, Point } from "./layout/types";
import { compareText, type GraphModel, isColumnLink, type Link, type Port } from "./model";
import { CARD_WIDTH, rowCentre, type Shape } from "./shape";

export interface SceneCard {
  shape: Shape;
  x: number;
  y: number;
  layer: number;
}

export interface Curve {
  id: string;
  /** The links that it stands for: one for a column curve, all between two cards for a table curve. */
  links: Link[];
  source: string;
  target: string;
  points: Point[];
  isTable: boolean;
  isIndirect: boolean;
  /** How many assets that are filtered out it leads through. */
  via?: number;
  /** What happened to its links, where two times are compared. */
  change?: Change;
}

export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Scene {
  cards: Map<string, SceneCard>;
  curves: Curve[];
  bounds: Bounds;
}

export const EMPTY_SCENE: Scene = { cards: new Map(), curves: [], bounds: { x: 0, y: 0, width: 1, height: 1 } };

/** Join model, shapes and layout; `shift` moves everything, so that the reader's card stays where it was. */
export function composeScene(model: GraphModel, shapes: Map<string, Shape>, layout: Layout, shift: Point): Scene {
  const cards = new Map<string, SceneCard>();
  for (const place of layout.places) {
    const shape = shapes.get(place.id);
    if (shape) cards.set(place.id, { shape, x: place.x + shift.x, y: place.y + shift.y, layer: place.layer });
  }
  const routes = new Map(layout.routes.map((route) => [pairKey(route.source, route.target), route.points]));
  const drafts = draftCurves(model.links, shapes);
  const curves = drafts.flatMap((draft) => {
    const from = cards.get(draft.source.card);
    const to = cards.get(draft.target.card);
    if (!from || !to || from === to) return [];
    const lane = (routes.get(pairKey(draft.source.card, draft.target.card)) ?? []).map((point) => ({
      x: point.x + shift.x,
      y: point.y + shift.y,
    }));
    const points = [portPoint(from, draft.source, CARD_WIDTH), ...lane, portPoint(to, draft.target, 0)];
    return [{ ...draft, source: draft.source.card, target: draft.target.card, points }];
  });
  return { cards, curves, bounds: boundsOf(cards) };
}

interface Draft extends Omit<Curve, "source" | "target" | "points"> {
  source: Port;
  target: Port;
}

/** A column curve where both ends are in sight; else the link is part of the curve between its cards. */
function draftCurves(links: readonly Link[], shapes: Map<string, Shape>): Draft[] {
  const columnDrafts = links.filter((link) => isInSight(link, shapes)).map(columnDraft);
  const joined = new Set(columnDrafts.map((draft) => pairKey(draft.source.card, draft.target.card)));
  const rest = Map.groupBy(links, (link) => pairKey(link.source.card, link.target.card));
  for (const pair of joined) rest.delete(pair);
  const tableDrafts = [...rest].map(([pair, members]) => tableDraft(pair, members));
  return [...tableDrafts, ...columnDrafts].sort((a, b) => compareText(a.id, b.id));
}

function isInSight(link: Link, shapes: Map<string, Shape>): boolean {
  if (!isColumnLink(link)) return false;
  return [link.source, link.target].every(
    ({ card, column }) => column === null || shapes.get(card)?.columns.some((shown) => shown.name === column),
  );
}

function columnDraft(link: Link): Draft {
  const { source, target } = link;
  const isIndirect = link.edge.kind === "INDIRECT";
  return { id: link.id, links: [link], source, target, isTable: false, isIndirect, ...changed([link]) };
}

function tableDraft(pair: string, links: Link[]): Draft {
  const [source = "", target = ""] = pair.split("\r");
  const isIndirect = links.every((link) => link.edge.kind === "INDIRECT");
  const [via] = links.flatMap((link) => link.via ?? []);
  const ends = { source: { card: source, column: null }, target: { card: target, column: null } };
  return { id: pair, links, ...ends, isTable: true, isIndirect, ...(via ? { via } : {}), ...changed(links) };
}

function changed(links: readonly Link[]): { change?: Change } {
  const change = changeOfAll(links);
  return change ? { change } : {};
}

export function pairKey(source: string, target: string): string {
  return `${source}\r${target}`;
}

function portPoint(card: SceneCard, port: Port, dx: number): Point {
  return { x: card.x + dx, y: card.y + rowCentre(card.shape, port.column) };
}

function boundsOf(cards: Map<string, SceneCard>): Bounds {
  if (cards.size === 0) return EMPTY_SCENE.bounds;
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1e12, -1e12];
  for (const card of cards.values()) {
    left = Math.min(left, card.x);
    top = Math.min(top, card.y);
    right = Math.max(right, card.x + CARD_WIDTH);
    bottom = Math.max(bottom, card.y + card.shape.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A scene on its way from one to another, `share` from 0 to 1. */
export function blendScenes(before: Scene, after: Scene, share: number): Scene {
  if (share >= 1) return after;
  const between = (a: number, b: number) => a + (b - a) * share;
  const cards = new Map<string, SceneCard>();
  for (const [id, card] of after.cards) {
    const old = before.cards.get(id) ?? card;
    cards.set(id, { ...card, x: between(old.x, card.x), y: between(old.y, card.y) });
  }
  const oldCurves = new Map(before.curves.map((curve) => [curve.id, curve.points]));
  const curves = after.curves.map((curve) => {
    const old = oldCurves.get(curve.id);
    if (old?.length !== curve.points.length) return curve;
    const points = curve.points.map((point, index) => ({
      x: between(old[index]?.x ?? point.x, point.x),
      y: between(old[index]?.y ?? point.y, point.y),
    }));
    return { ...curve, points };
  });
  return { cards, curves, bounds: after.bounds };
}
