/** The lineage graph as the explorer knows it: cards (datasets, jobs) joined by links, merged from API answers. */
import type { GraphAnswer, GraphEdge, GraphNode } from "../api/types";
import type { Change } from "./change";

export interface Column {
  name: string;
  type: string | null;
  ordinal: number;
  /** The class that is enforced, where it is known. */
  classification?: string;
  /** What happened to it, where two times are compared. */
  change?: Change;
}

export interface Card {
  id: string;
  /** A group stands for several cards of one schema or domain. */
  kind: "dataset" | "job" | "hidden" | "group";
  namespace: string;
  name: string;
  platform: string;
  datasetKind: string;
  /** Columns seen in an answer, by name; `fieldCount` says how many exist. */
  columns: Map<string, Column>;
  fieldCount: number | null;
  upstreamCount: number | null;
  downstreamCount: number | null;
  stale: boolean;
  owners: string[];
  tags: string[];
  domain: string | null;
  certification: string | null;
  /** The highest class that is enforced in it; null where none is known. */
  classification: string | null;
  suspected: boolean;
  /** Ids of the cards that a group stands for. */
  members: string[];
  change?: Change;
}

/** Where a link ends: a column of a card, or the card as a whole. */
export interface Port {
  card: string;
  column: string | null;
}

export interface Link {
  id: string;
  source: Port;
  target: Port;
  edge: GraphEdge;
  /** How many assets that are filtered out it leads through, at least. */
  via?: number;
  change?: Change;
}

export interface GraphModel {
  cards: Map<string, Card>;
  links: Link[];
  truncated: boolean;
}

export function titleOf(card: Card): string {
  return card.kind === "hidden" ? "Hidden" : nameParts(card).title;
}

export function nameParts(card: Card): { title: string; prefix: string } {
  if (card.kind === "group") return { title: card.name.replace(/ \([^()]*\)$/, ""), prefix: card.namespace };
  return splitName(card.name, card.kind === "dataset" ? card.datasetKind : "job");
}

export function datasetId(namespace: string, name: string): string {
  return `dataset:${namespace}:${name}`;
}

export function jobId(namespace: string, name: string): string {
  return `job:${namespace}:${name}`;
}

/** A node of the model by name; a column's key is its card's id and its name. */
export function portKey(port: Port): string {
  return port.column === null ? port.card : `${port.card}\n${port.column}`;
}

export function isColumnLink(link: Link): boolean {
  return link.source.column !== null;
}

/** Join answers about the same graph; what several answers say is kept once. */
export function mergeAnswers(answers: readonly GraphAnswer[]): GraphModel {
  const cards = new Map<string, Card>();
  const ports = new Map<string, Port>();
  const links = new Map<string, Link>();
  for (const answer of answers) {
    for (const node of answer.nodes) ports.set(node.id, addNode(cards, node));
  }
  for (const edge of answers.flatMap((answer) => answer.edges)) {
    const source = ports.get(edge.source);
    const target = ports.get(edge.target);
    if (!source || !target) continue;
    const id = linkId(edge);
    if (!links.has(id)) links.set(id, { id, source, target, edge });
  }
  return { cards, links: [...links.values()], truncated: answers.some((answer) => answer.truncated) };
}

function linkId(edge: GraphEdge): string {
  const job = edge.job ? `${edge.job.namespace}/${edge.job.name}` : "";
  return [edge.source, edge.target, edge.kind, edge.subtype ?? "", edge.origin ?? "", job].join("\n");
}

function addNode(cards: Map<string, Card>, node: GraphNode): Port {
  const id = node.kind === "datasetField" ? datasetId(node.namespace ?? "", node.name ?? "") : node.id;
  const card = cards.get(id) ?? newCard(id, node);
  cards.set(id, card);
  card.platform ||= node.platform ?? "";
  card.datasetKind ||= node.dataset_kind ?? "";
  if (node.kind !== "datasetField" || node.field == null) {
    describeCard(card, node);
    return { card: id, column: null };
  }
  const classification = node.classification == null ? {} : { classification: node.classification };
  const column = { name: node.field, type: node.type ?? null, ordinal: node.ordinal ?? 0, ...classification };
  card.columns.set(node.field, column);
  return { card: id, column: node.field };
}

function newCard(id: string, node: GraphNode): Card {
  const kind = node.kind === "datasetField" ? "dataset" : node.kind;
  return blankCard(id, kind, node.namespace ?? "", node.name ?? "");
}

/** A card of which only the name is known. */
export function blankCard(id: string, kind: Card["kind"], namespace: string, name: string): Card {
  const counts = { fieldCount: null, upstreamCount: null, downstreamCount: null };
  const labels = { owners: [], tags: [], domain: null, certification: null, classification: null, suspected: false };
  return {
    ...{ id, kind, namespace, name, platform: "", datasetKind: "", columns: new Map() },
    ...{ ...counts, ...labels, stale: false, members: [] },
  };
}

function describeCard(card: Card, node: GraphNode): void {
  card.fieldCount = node.field_count ?? card.fieldCount;
  card.upstreamCount = node.upstream_count ?? card.upstreamCount;
  card.downstreamCount = node.downstream_count ?? card.downstreamCount;
  card.stale = node.stale ?? false;
  card.owners = node.owners ?? card.owners;
  card.tags = node.tags ?? card.tags;
  card.domain = node.domain ?? card.domain;
  card.certification = node.certification ?? card.certification;
  card.classification = node.classification ?? card.classification;
  card.suspected = node.suspected ?? card.suspected;
}

/** Columns that column links join, per card. */
export function linkedColumns(model: GraphModel): Map<string, Set<string>> {
  const linked = new Map<string, Set<string>>();
  for (const port of model.links.flatMap(({ source, target }) => [source, target])) {
    if (port.column === null) continue;
    const names = linked.get(port.card) ?? new Set();
    linked.set(port.card, names.add(port.column));
  }
  return linked;
}

export function columnsInOrder(card: Card): Column[] {
  return [...card.columns.values()].sort((a, b) => a.ordinal - b.ordinal || compareText(a.name, b.name));
}

/** Kinds whose names are one piece, dots and all. */
const UNDIVIDED = new Set(["dashboard", "topic", "job"]);

/** The last part of a dotted name, and what stands before it. */
export function splitName(name: string, kind = ""): { title: string; prefix: string } {
  const cut = UNDIVIDED.has(kind.toLowerCase()) ? -1 : name.lastIndexOf(".");
  return { title: name.slice(cut + 1), prefix: cut < 0 ? "" : name.slice(0, cut) };
}

/** Order by code unit: the same on every machine, unlike the reader's locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
