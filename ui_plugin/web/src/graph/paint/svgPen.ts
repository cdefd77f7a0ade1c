import type { Point } from "../layout/types";
import { fitText, type Measure } from "./fitText";
import { type BoxStyle, beziersOf, FONT, type Pen, type Stroke, type TextStyle } from "./pen";

/** Writes SVG elements; `measure` gives text widths as the canvas would. */
export class SvgPen implements Pen {
  private readonly elements: string[] = [];
  private opacity = 1;

  constructor(private readonly measure: Measure) {}

  box(x: number, y: number, width: number, height: number, style: BoxStyle): void {
    const radius = style.radius ? ` rx="${style.radius}"` : "";
    const fill = style.fill ?? "none";
    const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
    this.add(`<rect ${place}${radius} fill="${fill}"${strokeText(style.stroke)}`);
  }

  curves(lines: readonly (readonly Point[])[], stroke: Stroke): void {
    for (const points of lines) {
      const start = points[0];
      if (!start) continue;
      const pieces = beziersOf(points).map(({ first, second, to }) => `C${pair(first)} ${pair(second)} ${pair(to)}`);
      this.add(`<path d="M${pair(start)}${pieces.join("")}" fill="none"${strokeText(stroke)}`);
    }
  }

  polygons(shapes: readonly (readonly Point[])[], colour: string): void {
    for (const points of shapes) this.add(`<polygon points="${points.map(pair).join(" ")}" fill="${colour}"`);
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const weight = style.bold ? 600 : 400;
    const shown = fitText(text, `${weight} ${style.size}px ${FONT}`, style.maxWidth, this.measure);
    const anchor = { left: "start", right: "end", center: "middle" }[style.align ?? "left"];
    const look = `font-size="${style.size}" font-weight="${weight}" fill="${style.colour}" text-anchor="${anchor}"`;
    this.add(`<text x="${round(x)}" y="${round(y)}" dy=".35em" ${look}`, `>${escapeXml(shown)}</text>`);
  }

  fade(opacity: number): void {
    this.opacity = opacity;
  }

  /** The finished document, with its own background. */
  document(x: number, y: number, width: number, height: number, background: string): string {
    const box = [x, y, width, height].map(round).join(" ");
    const size = `width="${round(width)}" height="${round(height)}"`;
    const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" ${size} font-family="${escapeXml(FONT)}">`;
    const back = `<rect x="${round(x)}" y="${round(y)}" ${size} fill="${background}"/>`;
    return `${head}\n${back}\n${this.elements.join("\n")}\n</svg>\n`;
  }

  private add(start: string, end = "/>"): void {
    this.elements.push(`${start}${this.opacity < 1 ? ` opacity="${this.opacity}"` : ""}${end}`);
  }
}

function strokeText(stroke: Stroke | undefined): string {
  if (!stroke) return "";
  const dash = stroke.dash ? ` stroke-dasharray="${stroke.dash.join(" ")}"` : "";
  return ` stroke="${stroke.colour}" stroke-width="${round(stroke.width)}"${dash}`;
}

function pair({ x, y }: Point): string {
  return `${round(x)},${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
