/** The graph seen from further away: one card for all assets of a domain or, where none is known, of a schema. */

import { blankCard, type Card, type GraphModel, type Link, type Port, splitName } from "./model";
import { stricter } from "./protection";

/** Which card an asset is shown in, where it is not shown itself. */
export type GroupOf = ReadonlyMap<string, string>;

export function groupId(key: string): string {
  return `group:${key}`;
}

/** The domain of an asset, else its schema with where that lies; null for what belongs to none. */
export function groupKeyOf(card: Card): string | null {
  if (card.kind !== "dataset") return null;
  if (card.domain !== null) return card.domain;
  const { prefix } = splitName(card.name, card.datasetKind);
  return prefix ? `${prefix} (${card.namespace})` : card.namespace;
}

/** The groups that cards lie in, but those that are open. */
export function groupsOf(model: GraphModel, open: readonly string[]): GroupOf {
  const groups = new Map<string, string>();
  for (const card of model.cards.values()) {
    const key = groupKeyOf(card);
    if (key !== null && !open.includes(groupId(key))) groups.set(card.id, groupId(key));
  }
  return groups;
}

/** Each group as one card, and links between groups as one. */
export function collapse(model: GraphModel, groups: GroupOf): GraphModel {
  const cards = new Map<string, Card>();
  for (const card of model.cards.values()) {
    const id = groups.get(card.id);
    if (id === undefined) cards.set(card.id, card);
    else cards.set(id, joined(cards.get(id) ?? newGroup(id, card), card));
  }
  const links = new Map<string, Link>();
  for (const link of model.links) {
    const [source, target] = [portIn(link.source, groups), portIn(link.target, groups)];
    if (source.card === target.card) continue;
    const isOwn = source === link.source && target === link.target;
    const id = isOwn ? link.id : `${source.card}\n${target.card}`;
    if (!links.has(id)) links.set(id, isOwn ? link : { ...link, id, source, target });
  }
  return { cards, links: [...links.values()], truncated: model.truncated };
}

function portIn(port: Port, groups: GroupOf): Port {
  const card = groups.get(port.card);
  return card === undefined ? port : { card, column: null };
}

function newGroup(id: string, first: Card): Card {
  const key = groupKeyOf(first) ?? "";
  const namespace = first.domain === null ? first.namespace : "";
  return { ...blankCard(id, "group", namespace, key), platform: first.platform, domain: first.domain };
}

function joined(group: Card, card: Card): Card {
  group.members.push(card.id);
  if (group.platform !== card.platform) group.platform = "";
  group.classification = stricter(group.classification, card.classification);
  group.suspected ||= card.suspected;
  return group;
}
