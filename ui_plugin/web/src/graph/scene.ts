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
  /** Those between the same two cards follow each other. */
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
  const pairOf = numbering(cards);
  const lanes = new Map(layout.routes.map(({ source, target, points }) => [pairOf(source, target), points]));
  const pairs = Map.groupBy(model.links, ({ source, target }) => pairOf(source.card, target.card));
  const curves = [...pairs]
    .sort(([a], [b]) => a - b)
    .flatMap(([pair, links]) => curvesOf(links, cards, moved(lanes.get(pair) ?? [], shift)));
  return { cards, curves, bounds: boundsOf(cards) };
}

/** A number for each pair of cards: large graphs have many pairs, and names are long. */
function numbering(cards: Map<string, SceneCard>): (source: string, target: string) => number {
  const numbers = new Map([...cards.keys()].map((id, index) => [id, index + 1]));
  return (source, target) => (numbers.get(source) ?? 0) * (cards.size + 1) + (numbers.get(target) ?? 0);
}

function moved(points: readonly Point[], by: Point): Point[] {
  return points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y }));
}

/** A curve for each pair of columns in sight; without one, a single curve between the cards. */
function curvesOf(links: readonly Link[], cards: Map<string, SceneCard>, lane: Point[]): Curve[] {
  const [first] = links;
  if (!first) return [];
  const [source, target] = [first.source.card, first.target.card];
  const [from, to] = [cards.get(source), cards.get(target)];
  if (!from || !to || from === to) return [];
  const seen = links.filter((link) => isInSight(link, from.shape, to.shape)).sort((a, b) => compareText(a.id, b.id));
  const between = (ends: Ends) => ({
    ...{ source, target },
    points: [portPoint(from, ends.source, CARD_WIDTH), ...lane, portPoint(to, ends.target, 0)],
  });
  if (seen.length === 0) return [{ ...tableCurve(pairKey(source, target), links), ...between(endsOf(source, target)) }];
  return seen.map((link) => ({ ...columnCurve(link), ...between(link) }));
}

interface Ends {
  source: Port;
  target: Port;
}

function endsOf(source: string, target: string): Ends {
  return { source: { card: source, column: null }, target: { card: target, column: null } };
}

function isInSight(link: Link, from: Shape, to: Shape): boolean {
  return isColumnLink(link) && hasInSight(from, link.source.column) && hasInSight(to, link.target.column);
}

function hasInSight({ columns }: Shape, name: string | null): boolean {
  return name === null || columns.some((shown) => shown.name === name);
}

type Drawn = Omit<Curve, "source" | "target" | "points">;

function columnCurve(link: Link): Drawn {
  const isIndirect = link.edge.kind === "INDIRECT";
  return { id: link.id, links: [link], isTable: false, isIndirect, ...(link.change ? { change: link.change } : {}) };
}

function tableCurve(id: string, links: readonly Link[]): Drawn {
  const isIndirect = links.every((link) => link.edge.kind === "INDIRECT");
  const [via] = links.flatMap((link) => link.via ?? []);
  const change = changeOfAll(links);
  return { id, links: [...links], isTable: true, isIndirect, ...(via ? { via } : {}), ...(change ? { change } : {}) };
}

function pairKey(source: string, target: string): string {
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
