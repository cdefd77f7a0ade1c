/** Paints one card: as a block from afar, with its columns close up. */

import { kindWords } from "../../platforms/kinds";
import { platformLook } from "../../platforms/platforms";
import { CHANGE_SIGNS } from "../change";
import { nameParts, titleOf } from "../model";
import type { SceneCard } from "../scene";
import { CARD_WIDTH, HEADER_HEIGHT, ROW_HEIGHT, rowsTop, type Shape } from "../shape";
import { isCardLit, type Marks, type More, NOTHING_MORE } from "./marks";
import type { Palette } from "./palette";
import type { Pen } from "./pen";

const RADIUS = 8;
const INSET = 16;
export const PILL = { width: 30, height: 18, gap: 5 };

/** Names are legible from here on. */
const LEAST_SCALE_FOR_NAMES = 0.14;

export function paintBlock(pen: Pen, placed: SceneCard, marks: Marks, palette: Palette, scale: number): void {
  const { shape, x, y } = placed;
  pen.fade(isCardLit(marks, shape.card.id) ? 1 : 0.25);
  paintFrame(pen, placed, marks, palette, 1 / scale);
  if (scale < LEAST_SCALE_FOR_NAMES) return;
  const size = Math.min(HEADER_HEIGHT * 0.6, 11 / scale);
  const style = { size, bold: true, colour: palette.text, maxWidth: CARD_WIDTH - 2 * INSET };
  pen.text(titleOf(shape.card), x + INSET, y + Math.min(shape.height, HEADER_HEIGHT) / 2, style);
}

export function paintCard(pen: Pen, placed: SceneCard, marks: Marks, palette: Palette): void {
  const { shape, x, y } = placed;
  pen.fade(isCardLit(marks, shape.card.id) ? 1 : 0.3);
  paintFrame(pen, placed, marks, palette, 1);
  const width = CARD_WIDTH - 2 * INSET;
  pen.text(titleOf(shape.card), x + INSET, y + 17, { size: 13, bold: true, colour: palette.text, maxWidth: width });
  pen.text(subtitleOf(shape), x + INSET, y + 33, { size: 11, colour: palette.faint, maxWidth: width });
  if (shape.hasFilter) paintFilter(pen, placed, palette);
  shape.columns.forEach((_, index) => {
    paintRow(pen, placed, index, marks, palette);
  });
  paintFooter(pen, placed, palette);
  if (shape.card.kind !== "hidden") paintPills(pen, placed, marks.more.get(shape.card.id) ?? NOTHING_MORE, palette);
}

function paintFrame(pen: Pen, { shape, x, y }: SceneCard, marks: Marks, palette: Palette, unit: number): void {
  const { card, height } = shape;
  const isSelected = marks.selected?.card === card.id;
  const isRoot = marks.root === card.id;
  const isHidden = card.kind === "hidden";
  const usual = isSelected || isRoot ? palette.lit : palette.border;
  const colour = card.change ? palette[card.change] : usual;
  const dash = isHidden || card.change === "removed" ? { dash: [5, 4] } : {};
  if (isSelected) pen.box(x - 3, y - 3, CARD_WIDTH + 6, height + 6, { fill: palette.litSoft, radius: RADIUS + 3 });
  pen.box(x, y, CARD_WIDTH, height, {
    fill: isHidden ? palette.row : palette.card,
    stroke: { colour, width: (isSelected ? 2 : 1.2) * unit, ...dash },
    radius: RADIUS,
  });
  if (isHidden) return;
  const look = platformLook(card.kind === "job" ? "airflow" : card.platform);
  const bar = { fill: look.colour, radius: 2 };
  pen.box(x + 6, y + 8, Math.max(4, Math.min(8, 3 * unit)), Math.min(height, HEADER_HEIGHT) - 16, bar);
}

function subtitleOf({ card }: Shape): string {
  if (card.kind === "hidden") return "Assets that you may not see";
  const kind = card.kind === "job" ? "job" : kindWords(card.datasetKind);
  const stale = card.stale ? "stale" : "";
  const change = card.change ? `${CHANGE_SIGNS[card.change]} ${card.change}` : "";
  return [change, stale, nameParts(card).prefix, kind].filter(Boolean).join(" · ");
}

function paintFilter(pen: Pen, { shape, x, y }: SceneCard, palette: Palette): void {
  const style = { fill: palette.background, stroke: { colour: palette.border, width: 1 }, radius: 4 };
  pen.box(x + 10, y + HEADER_HEIGHT + 1, CARD_WIDTH - 20, ROW_HEIGHT - 3, style);
  const text = { size: 11, colour: shape.filter ? palette.text : palette.faint, maxWidth: CARD_WIDTH - 40 };
  pen.text(shape.filter || "Find a column…", x + INSET, y + HEADER_HEIGHT + ROW_HEIGHT / 2, text);
}

function paintRow(pen: Pen, { shape, x, y }: SceneCard, index: number, marks: Marks, palette: Palette): void {
  const column = shape.columns[index];
  if (!column) return;
  const top = y + rowsTop(shape) + index * ROW_HEIGHT;
  const is = (port: Marks["selected"]) => port?.card === shape.card.id && port.column === column.name;
  const isLit = marks.lit?.columns.get(shape.card.id)?.has(column.name) ?? false;
  if (is(marks.selected)) pen.box(x + 1.5, top, CARD_WIDTH - 3, ROW_HEIGHT, { fill: palette.litSoft });
  else if (is(marks.hovered)) pen.box(x + 1.5, top, CARD_WIDTH - 3, ROW_HEIGHT, { fill: palette.row });
  const middle = top + ROW_HEIGHT / 2;
  const colour = column.change ? palette[column.change] : isLit ? palette.lit : palette.text;
  const name = { size: 12, bold: isLit || column.change !== undefined, colour, maxWidth: 124 };
  pen.text(column.name, x + INSET, middle, name);
  if (column.change) pen.text(CHANGE_SIGNS[column.change], x + 5, middle, { ...name, maxWidth: 16 });
  const type = { size: 10.5, colour: palette.faint, align: "right" as const, maxWidth: 70 };
  pen.text(column.type ?? "", x + CARD_WIDTH - 12, middle, type);
}

function paintFooter(pen: Pen, { shape, x, y }: SceneCard, palette: Palette): void {
  if (!shape.footer) return;
  const middle = y + shape.height - ROW_HEIGHT / 2 - 2;
  const style = { size: 11, colour: palette.faint, maxWidth: CARD_WIDTH - 70 };
  pen.text(`${shape.isOpen ? "▴" : "▾"} ${shape.footer.text}`, x + INSET, middle, style);
  if (!shape.footer.hasPages) return;
  const arrows = { size: 15, bold: true, colour: palette.lit, align: "center" as const, maxWidth: 20 };
  pen.text("‹", x + CARD_WIDTH - 44, middle, arrows);
  pen.text("›", x + CARD_WIDTH - 20, middle, arrows);
}

function paintPills(pen: Pen, { x, y }: SceneCard, more: More, palette: Palette): void {
  const top = y + (HEADER_HEIGHT - PILL.height) / 2;
  const left = x - PILL.width - PILL.gap;
  if (more.upstream > 0) paintPill(pen, left, top, more.upstream, palette);
  if (more.downstream > 0) paintPill(pen, x + CARD_WIDTH + PILL.gap, top, more.downstream, palette);
}

function paintPill(pen: Pen, x: number, y: number, count: number, palette: Palette): void {
  const look = { fill: palette.card, stroke: { colour: palette.lit, width: 1 }, radius: PILL.height / 2 };
  pen.box(x, y, PILL.width, PILL.height, look);
  const style = { size: 11, bold: true, colour: palette.lit, align: "center" as const, maxWidth: PILL.width - 4 };
  pen.text(`+${count > 99 ? "99" : count}`, x + PILL.width / 2, y + PILL.height / 2, style);
}
