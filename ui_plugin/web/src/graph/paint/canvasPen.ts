import type { Point } from "../layout/types";
import { fitText } from "./fitText";
import { type BoxStyle, beziersOf, FONT, type Pen, type Stroke, type TextStyle } from "./pen";

/** Draws on a 2D canvas; the caller sets the transform. */
export class CanvasPen implements Pen {
  constructor(private readonly context: CanvasRenderingContext2D) {
    context.textBaseline = "middle";
  }

  box(x: number, y: number, width: number, height: number, style: BoxStyle): void {
    const { context } = this;
    context.beginPath();
    if (style.radius) context.roundRect(x, y, width, height, style.radius);
    else context.rect(x, y, width, height);
    if (style.fill) {
      context.fillStyle = style.fill;
      context.fill();
    }
    if (style.stroke) this.stroke(style.stroke);
  }

  curve(points: readonly Point[], stroke: Stroke): void {
    const { context } = this;
    const start = points[0];
    if (!start) return;
    context.beginPath();
    context.moveTo(start.x, start.y);
    for (const { first, second, to } of beziersOf(points)) {
      context.bezierCurveTo(first.x, first.y, second.x, second.y, to.x, to.y);
    }
    this.stroke(stroke);
  }

  polygon(points: readonly Point[], colour: string): void {
    this.context.beginPath();
    for (const point of points) this.context.lineTo(point.x, point.y);
    this.context.fillStyle = colour;
    this.context.fill();
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const { context } = this;
    const font = `${style.bold ? 600 : 400} ${style.size}px ${FONT}`;
    context.font = font;
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

  private stroke(stroke: Stroke): void {
    this.context.strokeStyle = stroke.colour;
    this.context.lineWidth = stroke.width;
    this.context.setLineDash(stroke.dash ? [...stroke.dash] : []);
    this.context.stroke();
  }
}
