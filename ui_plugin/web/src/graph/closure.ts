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

type Adjacency = Map<string, Link[]>;

/** Trace one column through column links only; a link to a whole card (a filter, a join) is followed no further. */
export function traceColumn(model: GraphModel, start: Port, ways: Ways): Closure {
  return reach(model.links.filter(isColumnLink), start, ways, portKey);
}

/** Trace a card through every link, whatever columns it joins. */
export function traceCard(model: GraphModel, card: string, ways: Ways): Closure {
  return reach(model.links, { card, column: null }, ways, (port) => port.card);
}

function reach(links: Link[], start: Port, ways: Ways, key: (port: Port) => string): Closure {
  const closure: Closure = { cards: new Set([start.card]), links: new Set(), columns: new Map() };
  addPort(closure, start);
  if (ways.upstream) walk(links, start, closure, key, "target", "source");
  if (ways.downstream) walk(links, start, closure, key, "source", "target");
  return closure;
}

function walk(
  links: Link[],
  start: Port,
  closure: Closure,
  key: (port: Port) => string,
  from: "source" | "target",
  to: "source" | "target",
): void {
  const adjacency = adjacencyBy(links, (link) => key(link[from]));
  const seen = new Set([key(start)]);
  const queue = [key(start)];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const link of adjacency.get(next) ?? []) {
      closure.links.add(link.id);
      addPort(closure, link[to]);
      const reached = key(link[to]);
      if (seen.has(reached)) continue;
      seen.add(reached);
      queue.push(reached);
    }
  }
}

function addPort(closure: Closure, port: Port): void {
  closure.cards.add(port.card);
  if (port.column === null) return;
  const columns = closure.columns.get(port.card) ?? new Set();
  closure.columns.set(port.card, columns.add(port.column));
}

function adjacencyBy(links: Link[], key: (link: Link) => string): Adjacency {
  const adjacency: Adjacency = new Map();
  for (const link of links) {
    const list = adjacency.get(key(link));
    if (list) list.push(link);
    else adjacency.set(key(link), [link]);
  }
  return adjacency;
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
