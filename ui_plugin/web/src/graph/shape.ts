/** What a card shows and how tall that makes it. Lengths are world pixels. */
import type { Closure } from "./closure";
import { type Card, type Column, columnsInOrder, compareText } from "./model";

export const CARD_WIDTH = 208;
export const HEADER_HEIGHT = 46;
export const ROW_HEIGHT = 22;
export const OPEN_PAGE = 16;
const CLOSED_ROWS = 6;
const CLOSED_ROWS_OF_ROOT = 12;
/** Open cards with more columns than this get a filter row. */
const FILTER_FROM = 10;

/** What decides the look of all cards. */
export interface Display {
  /** Linked columns are listed on closed cards. */
  showColumns: boolean;
  root: string;
  open: ReadonlySet<string>;
  /** All columns of open cards, where they have been read. */
  allColumns: ReadonlyMap<string, Column[]>;
  filters: ReadonlyMap<string, string>;
  pages: ReadonlyMap<string, number>;
  trace: Closure | null;
  /** Columns that column links join, per card. */
  linked: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Shape {
  card: Card;
  columns: Column[];
  isOpen: boolean;
  hasFilter: boolean;
  filter: string;
  footer: Footer | null;
  height: number;
}

export interface Footer {
  text: string;
  hasPages: boolean;
}

export function shapeOf(card: Card, display: Display): Shape {
  return display.open.has(card.id) ? openShape(card, display) : closedShape(card, display);
}

function openShape(card: Card, display: Display): Shape {
  const all = withChanges(display.allColumns.get(card.id) ?? columnsInOrder(card), card);
  const filter = display.filters.get(card.id) ?? "";
  const found = all.filter((column) => column.name.toLowerCase().includes(filter.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / OPEN_PAGE));
  const page = (display.pages.get(card.id) ?? 0) % pages;
  const columns = withTraced(found.slice(page * OPEN_PAGE, (page + 1) * OPEN_PAGE), all, card, display.trace);
  const range = pages > 1 ? `${page * OPEN_PAGE + 1}–${Math.min(found.length, (page + 1) * OPEN_PAGE)} of ` : "";
  const footer = { text: `${range}${columnCount(found.length)}`, hasPages: pages > 1 };
  return measured(card, columns, footer, { isOpen: true, hasFilter: all.length > FILTER_FROM, filter });
}

/** All columns as two times that are compared have them: what went is listed too. */
function withChanges(all: Column[], card: Card): Column[] {
  const changed = columnsInOrder(card).filter((column) => column.change);
  if (changed.length === 0) return all;
  const byName = new Map([...all, ...changed].map((column) => [column.name, column]));
  return [...byName.values()].sort((a, b) => a.ordinal - b.ordinal || compareText(a.name, b.name));
}

/** A traced column is never hidden by paging or filtering. */
function withTraced(shown: Column[], all: Column[], card: Card, trace: Closure | null): Column[] {
  const traced = trace?.columns.get(card.id);
  if (!traced) return shown;
  return [...shown, ...all.filter((column) => traced.has(column.name) && !shown.includes(column))];
}

function closedShape(card: Card, display: Display): Shape {
  if (card.kind === "group") return groupShape(card);
  const relevant = display.trace?.columns.get(card.id) ?? (display.trace ? undefined : display.linked.get(card.id));
  const isListed = relevant !== undefined && (display.trace !== null || display.showColumns);
  const listed = isListed ? columnsInOrder(card).filter((column) => relevant.has(column.name)) : [];
  const most = card.id === display.root ? CLOSED_ROWS_OF_ROOT : CLOSED_ROWS;
  const columns = listed.slice(0, display.trace ? listed.length : most);
  const total = Math.max(card.fieldCount ?? 0, card.columns.size);
  const footer = total > columns.length ? { text: footerText(columns.length, total), hasPages: false } : null;
  return measured(card, columns, footer, { isOpen: false, hasFilter: false, filter: "" });
}

function groupShape(card: Card): Shape {
  const text = `${card.members.length} ${card.members.length === 1 ? "asset" : "assets"}`;
  return measured(card, [], { text, hasPages: false }, { isOpen: false, hasFilter: false, filter: "" });
}

function footerText(shown: number, total: number): string {
  return shown === 0 ? columnCount(total) : `${shown} of ${columnCount(total)}`;
}

function columnCount(count: number): string {
  return `${count} ${count === 1 ? "column" : "columns"}`;
}

function measured(
  card: Card,
  columns: Column[],
  footer: Footer | null,
  state: { isOpen: boolean; hasFilter: boolean; filter: string },
): Shape {
  const rows = columns.length + (footer ? 1 : 0) + (state.hasFilter ? 1 : 0);
  const padding = rows > 0 ? 6 : 0;
  return { card, columns, footer, ...state, height: HEADER_HEIGHT + rows * ROW_HEIGHT + padding };
}

/** Middle of a column's row, from the card's top; the header's middle where the column is not shown. */
export function rowCentre(shape: Shape, column: string | null): number {
  const index = column === null ? -1 : shape.columns.findIndex((shown) => shown.name === column);
  if (index < 0) return HEADER_HEIGHT / 2;
  return rowsTop(shape) + (index + 0.5) * ROW_HEIGHT;
}

export function rowsTop(shape: Shape): number {
  return HEADER_HEIGHT + 3 + (shape.hasFilter ? ROW_HEIGHT : 0);
}

/** Cards in a steady order: what decides ties in the layout. */
export function cardsInOrder(cards: Iterable<Card>): Card[] {
  return [...cards].sort((a, b) => compareText(a.id, b.id));
}
