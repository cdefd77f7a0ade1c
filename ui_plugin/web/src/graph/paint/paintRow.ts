/** Paints a column's row in its card. */
import { CHANGE_SIGNS } from "../change";
import type { Point } from "../layout/types";
import type { Column, Port } from "../model";
import type { SceneCard } from "../scene";
import { CARD_WIDTH, ROW_HEIGHT } from "../shape";
import { legible, READABLE_SCALE } from "../view";
import type { Marks } from "./marks";
import { columnTint } from "./overlay";
import type { Palette } from "./palette";
import type { Pen } from "./pen";

const INSET = 16;
const RIGHT_INSET = 12;
const NAME_WIDTH = 104;
const MOST_NAME_WIDTH = CARD_WIDTH - INSET - RIGHT_INSET;
const LEAST_TYPE_WIDTH = 28;
const NAME = { size: 12, most: 16, sign: 0.58 };
const BAR = { height: 4, letter: 6 };

interface RowStyle {
  marks: Marks;
  palette: Palette;
  scale: number;
}

export function paintRow(pen: Pen, placed: SceneCard, column: Column, top: number, style: RowStyle): void {
  const { marks, palette } = style;
  const card = placed.shape.card.id;
  const is = (port: Port | null) => port?.card === card && port.column === column.name;
  const fill = is(marks.selected) ? palette.litSoft : is(marks.hovered) ? palette.row : null;
  if (fill) pen.box(placed.x + 1.5, top, CARD_WIDTH - 3, ROW_HEIGHT, { fill });
  const isLit = marks.lit?.columns.get(card)?.has(column.name) ?? false;
  const at = { x: placed.x, y: top + ROW_HEIGHT / 2 };
  if (style.scale >= READABLE_SCALE) paintWords(pen, at, column, isLit, style);
  else paintBar(pen, at, column, palette[colourOf(column, isLit, "border")]);
}

function colourOf(column: Column, isLit: boolean, usual: keyof Palette): keyof Palette {
  return column.change ?? (isLit ? "lit" : (columnTint(column)?.colour ?? usual));
}

function paintWords(pen: Pen, at: Point, column: Column, isLit: boolean, style: RowStyle): void {
  const { marks, palette, scale } = style;
  const tint = columnTint(column);
  const colour = palette[colourOf(column, isLit, "text")];
  const size = legible(column.name, NAME.size, scale, NAME.most, MOST_NAME_WIDTH);
  const width = Math.min(MOST_NAME_WIDTH, Math.max(NAME_WIDTH, column.name.length * size * NAME.sign));
  const name = { size, bold: isLit || column.change !== undefined, colour, maxWidth: width };
  pen.text(column.name, at.x + INSET, at.y, name);
  if (column.change) pen.text(CHANGE_SIGNS[column.change], at.x + 5, at.y, { ...name, maxWidth: 16 });
  else if (tint) pen.box(at.x + 6, at.y - 2, 4, 4, { fill: palette[tint.colour] });
  const words = marks.overlay.kind === "classes" && tint ? tint.words : (column.type ?? "");
  paintType(pen, { x: at.x + CARD_WIDTH - RIGHT_INSET, y: at.y }, words, MOST_NAME_WIDTH - width, style);
}

/** In what room the name leaves; a type of a few signs would say nothing. */
function paintType(pen: Pen, at: Point, words: string, room: number, { palette, scale }: RowStyle): void {
  const maxWidth = room - 6;
  if (maxWidth < LEAST_TYPE_WIDTH) return;
  const size = legible(words, 10.5, scale, 13, maxWidth);
  pen.text(words, at.x, at.y, { size, colour: palette.faint, align: "right", maxWidth });
}

function paintBar(pen: Pen, at: Point, { name }: Column, fill: string): void {
  const width = Math.min(NAME_WIDTH, name.length * BAR.letter);
  pen.box(at.x + INSET, at.y - BAR.height / 2, width, BAR.height, { fill });
}
