/** Paints a column's row in its card. */
import { CHANGE_SIGNS } from "../change";
import type { Point } from "../layout/types";
import type { Column, Port } from "../model";
import type { SceneCard } from "../scene";
import { CARD_WIDTH, ROW_HEIGHT } from "../shape";
import type { Marks } from "./marks";
import { columnTint } from "./overlay";
import type { Palette } from "./palette";
import type { Pen } from "./pen";

const INSET = 16;
const NAME_WIDTH = 124;
const BAR = { height: 4, letter: 6 };

interface RowStyle {
  marks: Marks;
  palette: Palette;
  /** Whether names are large enough to be read; else bars stand for them. */
  isReadable: boolean;
}

export function paintRow(pen: Pen, placed: SceneCard, column: Column, top: number, style: RowStyle): void {
  const { marks, palette } = style;
  const card = placed.shape.card.id;
  const is = (port: Port | null) => port?.card === card && port.column === column.name;
  const fill = is(marks.selected) ? palette.litSoft : is(marks.hovered) ? palette.row : null;
  if (fill) pen.box(placed.x + 1.5, top, CARD_WIDTH - 3, ROW_HEIGHT, { fill });
  const isLit = marks.lit?.columns.get(card)?.has(column.name) ?? false;
  const at = { x: placed.x, y: top + ROW_HEIGHT / 2 };
  if (style.isReadable) paintWords(pen, at, column, isLit, style);
  else paintBar(pen, at, column, palette[colourOf(column, isLit, "border")]);
}

function colourOf(column: Column, isLit: boolean, usual: keyof Palette): keyof Palette {
  return column.change ?? (isLit ? "lit" : (columnTint(column)?.colour ?? usual));
}

function paintWords(pen: Pen, at: Point, column: Column, isLit: boolean, { marks, palette }: RowStyle): void {
  const tint = columnTint(column);
  const colour = palette[colourOf(column, isLit, "text")];
  const name = { size: 12, bold: isLit || column.change !== undefined, colour, maxWidth: NAME_WIDTH };
  pen.text(column.name, at.x + INSET, at.y, name);
  if (column.change) pen.text(CHANGE_SIGNS[column.change], at.x + 5, at.y, { ...name, maxWidth: 16 });
  else if (tint) pen.box(at.x + 6, at.y - 2, 4, 4, { fill: palette[tint.colour] });
  const type = { size: 10.5, colour: palette.faint, align: "right" as const, maxWidth: 70 };
  const words = marks.overlay.kind === "classes" && tint ? tint.words : (column.type ?? "");
  pen.text(words, at.x + CARD_WIDTH - 12, at.y, type);
}

function paintBar(pen: Pen, at: Point, { name }: Column, fill: string): void {
  const width = Math.min(NAME_WIDTH, name.length * BAR.letter);
  pen.box(at.x + INSET, at.y - BAR.height / 2, width, BAR.height, { fill });
}
