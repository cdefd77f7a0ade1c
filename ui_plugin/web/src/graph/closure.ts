/** What lies upstream and downstream of a card or a column, among what is loaded. */
import { type GraphModel, isColumnLink, type Link, type Port, portKey } from "./model";

export interface Closure {
  /** Cards on the way, the start among them. */
  cards: Set<string>;
  /** Ids of the links on the way. */
  links: Set<string>;
  /** Columns on the way, per card. */
  columns: Map<string, Set<string>>;
}

export interface Ways {
  upstream: boolean;
  downstream: boolean;
}

type End = "source" | "target";
type Adjacency = Map<string, Link[]>;

/** Trace one column through column links only; a link to a whole card (a filter, a join) is followed no further. */
export function traceColumn(model: GraphModel, start: Port, ways: Ways): Closure {
  return reach(model, start, ways, "column");
}

/** Trace a card through every link, whatever columns it joins. */
export function traceCard(model: GraphModel, card: string, ways: Ways): Closure {
  return reach(model, { card, column: null }, ways, "card");
}

/** How many hops downstream of a card each card is that it reaches, itself among them. */
export function hopsDownstream(model: GraphModel, card: string): Map<string, number> {
  const hops = new Map([[card, 0]]);
  const after = adjacency(model, "card", "source");
  for (const [at, hop] of hops) {
    for (const { target } of after.get(at) ?? []) if (!hops.has(target.card)) hops.set(target.card, hop + 1);
  }
  return hops;
}

type Grain = "column" | "card";

const KEYS: Record<Grain, (port: Port) => string> = { column: portKey, card: (port) => port.card };

function reach(model: GraphModel, start: Port, ways: Ways, grain: Grain): Closure {
  const closure: Closure = { cards: new Set([start.card]), links: new Set(), columns: new Map() };
  addPort(closure, start);
  if (ways.upstream) walk(adjacency(model, grain, "target"), start, closure, KEYS[grain], "source");
  if (ways.downstream) walk(adjacency(model, grain, "source"), start, closure, KEYS[grain], "target");
  return closure;
}

function walk(next: Adjacency, start: Port, closure: Closure, key: (port: Port) => string, to: End): void {
  const seen = new Set([key(start)]);
  for (const at of seen) {
    for (const link of next.get(at) ?? []) {
      closure.links.add(link.id);
      addPort(closure, link[to]);
      seen.add(key(link[to]));
    }
  }
}

function addPort(closure: Closure, port: Port): void {
  closure.cards.add(port.card);
  if (port.column === null) return;
  const columns = closure.columns.get(port.card) ?? new Set();
  closure.columns.set(port.card, columns.add(port.column));
}

const KNOWN = new WeakMap<GraphModel, Map<string, Adjacency>>();

/** Links by the port that they start or end at; made once for each model. */
function adjacency(model: GraphModel, grain: Grain, end: End): Adjacency {
  const known = KNOWN.get(model) ?? new Map<string, Adjacency>();
  KNOWN.set(model, known);
  const name = `${grain} ${end}`;
  const found = known.get(name);
  if (found) return found;
  const links = grain === "column" ? model.links.filter(isColumnLink) : model.links;
  const made = Map.groupBy(links, (link) => KEYS[grain](link[end]));
  known.set(name, made);
  return made;
}

/** The part of a model that a closure covers. */
export function restrict(model: GraphModel, closure: Closure): GraphModel {
  return {
    cards: new Map([...model.cards].filter(([id]) => closure.cards.has(id))),
    links: model.links.filter(
      (link) => closure.links.has(link.id) || (closure.columns.size === 0 && coversBothEnds(link, closure)),
    ),
    truncated: model.truncated,
  };
}

function coversBothEnds(link: Link, closure: Closure): boolean {
  return closure.cards.has(link.source.card) && closure.cards.has(link.target.card);
}
