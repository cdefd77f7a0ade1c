import type { Point } from "../layout/types";
import { fitText } from "./fitText";
import { type BoxStyle, beziersOf, FONT, type Pen, type Stroke, type TextStyle } from "./pen";

/** Curves of one path; a browser that draws without a graphics card gets slow with longer ones. */
const CURVES_A_PATH = 400;

/** Draws on a 2D canvas; the caller sets the transform. `isCoarse` draws curves as straight lines, for views from afar. */
export class CanvasPen implements Pen {
  private font = "";

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly isCoarse = false,
  ) {
    context.textBaseline = "middle";
  }

  box(x: number, y: number, width: number, height: number, style: BoxStyle): void {
    if (style.radius && !this.isCoarse) this.rounded(x, y, width, height, style, style.radius);
    else this.rectangle(x, y, width, height, style);
  }

  curves(lines: readonly (readonly Point[])[], stroke: Stroke): void {
    this.prepare(stroke);
    for (let start = 0; start < lines.length; start += CURVES_A_PATH) {
      this.context.beginPath();
      for (let at = start; at < Math.min(lines.length, start + CURVES_A_PATH); at++) this.trace(lines[at] ?? []);
      this.context.stroke();
    }
  }

  polygons(shapes: readonly (readonly Point[])[], colour: string): void {
    this.context.beginPath();
    for (const shape of shapes) {
      shape.forEach(({ x, y }, index) => {
        if (index === 0) this.context.moveTo(x, y);
        else this.context.lineTo(x, y);
      });
    }
    this.context.fillStyle = colour;
    this.context.fill();
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const { context } = this;
    const font = `${style.bold ? 600 : 400} ${style.size}px ${FONT}`;
    if (font !== this.font) {
      context.font = font;
      this.font = font;
    }
    context.fillStyle = style.colour;
    context.textAlign = style.align ?? "left";
    context.fillText(
      fitText(text, font, style.maxWidth, (piece) => context.measureText(piece).width),
      x,
      y,
    );
  }

  fade(opacity: number): void {
    this.context.globalAlpha = opacity;
  }

  private rounded(x: number, y: number, width: number, height: number, look: BoxStyle, radius: number): void {
    const { context } = this;
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    if (look.fill) {
      context.fillStyle = look.fill;
      context.fill();
    }
    if (!look.stroke) return;
    this.prepare(look.stroke);
    context.stroke();
  }

  private rectangle(x: number, y: number, width: number, height: number, { fill, stroke }: BoxStyle): void {
    if (fill) {
      this.context.fillStyle = fill;
      this.context.fillRect(x, y, width, height);
    }
    if (!stroke) return;
    this.prepare(stroke);
    this.context.strokeRect(x, y, width, height);
  }

  private trace(points: readonly Point[]): void {
    const { context } = this;
    const start = points[0];
    if (!start) return;
    context.moveTo(start.x, start.y);
    if (this.isCoarse) {
      for (const { x, y } of points.slice(1)) context.lineTo(x, y);
      return;
    }
    for (const { first, second, to } of beziersOf(points)) {
      context.bezierCurveTo(first.x, first.y, second.x, second.y, to.x, to.y);
    }
  }

  private prepare(stroke: Stroke): void {
    this.context.strokeStyle = stroke.colour;
    this.context.lineWidth = stroke.width;
    this.context.setLineDash(stroke.dash ? [...stroke.dash] : []);
  }
}
