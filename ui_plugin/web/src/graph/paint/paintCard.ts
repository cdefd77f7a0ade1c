/** Paints one card: as a block from afar, with its columns close up. */

import { kindWords } from "../../platforms/kinds";
import { platformLook } from "../../platforms/platforms";
import { CHANGE_SIGNS } from "../change";
import { nameParts, titleOf } from "../model";
import type { SceneCard } from "../scene";
import { CARD_WIDTH, HEADER_HEIGHT, ROW_HEIGHT, rowsTop, type Shape } from "../shape";
import { legible, NAMES_SCALE } from "../view";
import { isCardLit, type Marks, type More, NOTHING_MORE } from "./marks";
import { tintOf } from "./overlay";
import { paintRow } from "./paintRow";
import type { Palette } from "./palette";
import type { Pen } from "./pen";

const RADIUS = 8;
const INSET = 16;
export const PILL = { width: 30, height: 18, gap: 5 };

export function paintBlock(pen: Pen, placed: SceneCard, marks: Marks, palette: Palette, scale: number): void {
  const { shape, x, y } = placed;
  pen.fade(isCardLit(marks, shape.card.id) ? 1 : 0.25);
  if (scale < NAMES_SCALE) {
    paintSpot(pen, placed, marks, palette);
    return;
  }
  paintFrame(pen, placed, marks, palette, 1 / scale);
  const size = Math.min(HEADER_HEIGHT * 0.6, 11 / scale);
  const style = { size, bold: true, colour: palette.text, maxWidth: CARD_WIDTH - 2 * INSET };
  pen.text(titleOf(shape.card), x + INSET, y + Math.min(shape.height, HEADER_HEIGHT) / 2, style);
}

/** From far away a card is a spot of one colour: its platform's, or what tells more. */
function paintSpot(pen: Pen, { shape, x, y }: SceneCard, marks: Marks, palette: Palette): void {
  const { card, height } = shape;
  const isChosen = marks.selected?.card === card.id || marks.root === card.id;
  const told = card.change ?? (isChosen ? "lit" : tintOf(marks.overlay, card)?.colour);
  const look = platformLook(card.kind === "job" ? "airflow" : card.platform);
  const usual = card.kind === "hidden" ? palette.border : look.colour;
  if (isChosen) pen.box(x - 40, y - 40, CARD_WIDTH + 80, height + 80, { fill: palette.litSoft });
  pen.box(x, y, CARD_WIDTH, height, { fill: told ? palette[told] : usual });
}

export function paintCard(pen: Pen, placed: SceneCard, marks: Marks, palette: Palette, scale: number): void {
  const { shape, x, y } = placed;
  pen.fade(isCardLit(marks, shape.card.id) ? 1 : 0.3);
  paintFrame(pen, placed, marks, palette, 1);
  const width = CARD_WIDTH - 2 * INSET;
  const [title, subtitle] = [titleOf(shape.card), subtitleOf(shape, marks)];
  const size = legible(title, 13, scale, 18, width);
  pen.text(title, x + INSET, y + 17, { size, bold: true, colour: palette.text, maxWidth: width });
  const small = legible(subtitle, 11, scale, 13, width);
  pen.text(subtitle, x + INSET, y + 33, { size: small, colour: palette.faint, maxWidth: width });
  if (shape.hasFilter) paintFilter(pen, placed, palette);
  const row = { marks, palette, scale };
  shape.columns.forEach((column, index) => {
    paintRow(pen, placed, column, y + rowsTop(shape) + index * ROW_HEIGHT, row);
  });
  paintFooter(pen, placed, palette);
  if (shape.card.kind !== "hidden") paintPills(pen, placed, marks.more.get(shape.card.id) ?? NOTHING_MORE, palette);
}

function paintFrame(pen: Pen, { shape, x, y }: SceneCard, marks: Marks, palette: Palette, unit: number): void {
  const { card, height } = shape;
  const isSelected = marks.selected?.card === card.id;
  const isHidden = card.kind === "hidden";
  const tint = tintOf(marks.overlay, card);
  const usual = isSelected || marks.root === card.id ? palette.lit : palette[tint?.colour ?? "border"];
  const colour = card.change ? palette[card.change] : usual;
  const dash = isHidden || card.change === "removed" ? { dash: [5, 4] } : {};
  if (isSelected) pen.box(x - 3, y - 3, CARD_WIDTH + 6, height + 6, { fill: palette.litSoft, radius: RADIUS + 3 });
  if (card.kind === "group") paintPile(pen, x, y, height, palette, unit);
  pen.box(x, y, CARD_WIDTH, height, {
    fill: isHidden ? palette.row : palette[tint?.fill ?? "card"],
    stroke: { colour, width: (isSelected ? 2 : 1.2) * unit, ...dash },
    radius: RADIUS,
  });
  if (isHidden) return;
  const look = platformLook(card.kind === "job" ? "airflow" : card.platform);
  const bar = { fill: tint ? palette[tint.colour] : look.colour, radius: 2 };
  pen.box(x + 6, y + 8, Math.max(4, Math.min(8, 3 * unit)), Math.min(height, HEADER_HEIGHT) - 16, bar);
}

/** The edges of the cards that lie under a group's. */
function paintPile(pen: Pen, x: number, y: number, height: number, palette: Palette, unit: number): void {
  const style = { fill: palette.card, stroke: { colour: palette.border, width: unit }, radius: RADIUS };
  for (const shift of [8, 4]) pen.box(x + shift, y + shift, CARD_WIDTH, height, style);
}

function subtitleOf({ card }: Shape, marks: Marks): string {
  if (card.kind === "hidden") return "Assets that you may not see";
  if (card.kind === "group") return card.domain === null ? `schema · ${card.namespace}` : "domain";
  const kind = card.kind === "job" ? "job" : kindWords(card.datasetKind);
  const stale = card.stale ? "stale" : "";
  const change = card.change ? `${CHANGE_SIGNS[card.change]} ${card.change}` : "";
  return [change, tintOf(marks.overlay, card)?.words, stale, nameParts(card).prefix, kind].filter(Boolean).join(" · ");
}

function paintFilter(pen: Pen, { shape, x, y }: SceneCard, palette: Palette): void {
  const style = { fill: palette.background, stroke: { colour: palette.border, width: 1 }, radius: 4 };
  pen.box(x + 10, y + HEADER_HEIGHT + 1, CARD_WIDTH - 20, ROW_HEIGHT - 3, style);
  const text = { size: 11, colour: shape.filter ? palette.text : palette.faint, maxWidth: CARD_WIDTH - 40 };
  pen.text(shape.filter || "Find a column…", x + INSET, y + HEADER_HEIGHT + ROW_HEIGHT / 2, text);
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
