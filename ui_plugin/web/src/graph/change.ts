/** What came, went or differs between two states of the same graph. */
import type { Card, Column, GraphModel, Link } from "./model";

export type Change = "added" | "removed" | "changed";

/** A sign beside each colour, so that no change is told by colour alone. */
export const CHANGE_SIGNS: Record<Change, string> = { added: "+", removed: "\u2212", changed: "~" };

export interface ChangeCounts {
  added: number;
  removed: number;
  changed: number;
}

/** Both states as one graph, whose cards, columns and links say what happened to them. */
export function compareModels(before: GraphModel, after: GraphModel): GraphModel {
  const ids = new Set([...before.cards.keys(), ...after.cards.keys()]);
  const cards = [...ids].flatMap((id) => compareCards(before.cards.get(id), after.cards.get(id)));
  const old = new Map(before.links.map((link) => [link.id, link]));
  const kept = after.links.map((link) => withChange(link, linkChange(old.get(link.id), link)));
  const present = new Set(after.links.map((link) => link.id));
  const gone = before.links.filter((link) => !present.has(link.id)).map((link) => withChange(link, "removed"));
  return {
    cards: new Map(cards.map((card) => [card.id, card])),
    links: [...kept, ...gone],
    truncated: before.truncated || after.truncated,
  };
}

/** How many links came, went and differ. */
export function countChanges(model: GraphModel): ChangeCounts {
  const counts: ChangeCounts = { added: 0, removed: 0, changed: 0 };
  for (const { change } of model.links) if (change) counts[change] += 1;
  return counts;
}

/** What happened to links that are shown as one. */
export function changeOfAll(links: readonly Link[]): Change | undefined {
  const [first, ...others] = new Set(links.map((link) => link.change));
  return others.length === 0 ? first : "changed";
}

function linkChange(old: Link | undefined, link: Link): Change | undefined {
  if (!old) return "added";
  return old.edge.expression === link.edge.expression ? undefined : "changed";
}

function withChange<T extends object>(value: T, change: Change | undefined): T {
  return change ? { ...value, change } : value;
}

function compareCards(before: Card | undefined, after: Card | undefined): Card[] {
  if (!after) return before ? [withChange(before, "removed")] : [];
  if (!before) return [withChange(after, "added")];
  const names = new Set([...before.columns.keys(), ...after.columns.keys()]);
  const columns = [...names].flatMap((name) => compareColumns(before.columns.get(name), after.columns.get(name)));
  const merged: Card = { ...after, columns: new Map(columns.map((column) => [column.name, column])) };
  return [merged];
}

function compareColumns(before: Column | undefined, after: Column | undefined): Column[] {
  if (!after) return before ? [withChange(before, "removed")] : [];
  if (!before) return [withChange(after, "added")];
  return [
    before.type === after.type
      ? after
      : { ...after, type: `${before.type ?? "?"} \u2192 ${after.type ?? "?"}`, change: "changed" },
  ];
}
