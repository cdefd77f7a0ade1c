/** Leaves out assets by what is known of them; what they joined stays joined by links that say so. */
import type { Card, GraphModel, Link } from "./model";

export const FILTERS = ["platform", "tag", "owner", "classification", "domain"] as const;
export type FilterName = (typeof FILTERS)[number];
/** Chosen values by name; of one name any is enough, of several names each is asked. */
export type Filters = Partial<Record<FilterName, string[]>>;

export function isFiltering(filters: Filters): boolean {
  return FILTERS.some((name) => (filters[name]?.length ?? 0) > 0);
}

export function valuesOf(card: Card, name: FilterName): string[] {
  if (name === "platform") return card.kind === "job" ? ["job"] : [card.platform];
  if (name === "tag") return card.tags;
  if (name === "owner") return card.owners;
  const value = name === "domain" ? card.domain : card.classification;
  return value === null ? [] : [value];
}

/** How many cards have each value, most first. */
export function countValues(model: GraphModel, name: FilterName): [string, number][] {
  const counts = new Map<string, number>();
  for (const card of model.cards.values()) {
    if (card.kind === "hidden") continue;
    for (const value of valuesOf(card, name)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** The cards that pass, those of `always`, and links between them, through others where need be. */
export function applyFilters(model: GraphModel, filters: Filters, always: readonly string[]): GraphModel {
  if (!isFiltering(filters)) return model;
  const kept = new Map([...model.cards].filter(([id, card]) => always.includes(id) || passes(card, filters)));
  const links = model.links.filter((link) => kept.has(link.source.card) && kept.has(link.target.card));
  return { cards: kept, links: [...links, ...bridges(model, kept)], truncated: model.truncated };
}

function passes(card: Card, filters: Filters): boolean {
  return FILTERS.every((name) => {
    const wanted = filters[name] ?? [];
    return wanted.length === 0 || valuesOf(card, name).some((value) => wanted.includes(value));
  });
}

/** One link from each kept card to each that it reaches only through cards that are left out. */
function bridges(model: GraphModel, kept: ReadonlyMap<string, Card>): Link[] {
  const after = Map.groupBy(model.links, (link) => link.source.card);
  const joined = new Set(model.links.map((link) => `${link.source.card}\n${link.target.card}`));
  return [...kept.keys()].flatMap((source) =>
    [...reachedThroughOthers(source, after, kept)]
      .filter(([target]) => target !== source && !joined.has(`${source}\n${target}`))
      .map(([target, via]) => bridge(source, target, via)),
  );
}

function reachedThroughOthers(source: string, after: Map<string, Link[]>, kept: ReadonlyMap<string, Card>) {
  const found = new Map<string, number>();
  const seen = new Set([source]);
  let front = [source];
  for (let passed = 0; front.length > 0; passed++) {
    const next: string[] = [];
    for (const target of front.flatMap((id) => (after.get(id) ?? []).map((link) => link.target.card))) {
      if (seen.has(target)) continue;
      seen.add(target);
      if (!kept.has(target)) next.push(target);
      else if (passed > 0) found.set(target, passed);
    }
    front = next;
  }
  return found;
}

function bridge(source: string, target: string, via: number): Link {
  const ends = { source: { card: source, column: null }, target: { card: target, column: null } };
  const edge = { source, target, kind: "DATASET" as const, inferred: true };
  return { id: `via\n${source}\n${target}`, ...ends, edge, via };
}
