/** Writes the content of one PDF page (ISO 32000-1, 8 and 9) with the fonts that every reader has; what they lack is
 * drawn through stencils, with the text beside it for search and copying. */
import type { Point } from "../layout/types";
import { fitText, type Measure } from "./fitText";
import { type BoxStyle, beziersOf, FONT, type Pen, type Stroke, type TextStyle } from "./pen";
import type { MakeStencil, Stencil } from "./stencil";

/** How far a quarter circle's control points lie from its ends, of its radius. */
const ROUND = 0.5523;
/** Signs of Windows-1252 beside Latin-1, and what is written for ours that it lacks. */
const SIGNS: Record<string, string> = {
  "…": "\x85",
  "‹": "\x8b",
  "›": "\x9b",
  "–": "\x96",
  "→": "->",
  "−": "-",
  "▾": "+",
  "▴": "-",
};

const SHARES = { left: 0, center: 0.5, right: 1 };

export interface Named {
  name: string;
  stencil: Stencil;
}

export class PdfPen implements Pen {
  private readonly lines: string[] = [];
  private readonly opacities = new Set<number>();

  private readonly stencils = new Map<string, Named>();

  /** `measure` gives text widths in any font. */
  constructor(
    private readonly measure: Measure,
    private readonly makeStencil: MakeStencil,
  ) {}

  box(x: number, y: number, width: number, height: number, { fill, stroke, radius }: BoxStyle): void {
    const path = radius
      ? roundedPath(x, y, width, height, Math.min(radius, width / 2, height / 2))
      : `${numbers(x, y, width, height)} re`;
    if (fill) this.lines.push(`${colourOf(fill)} rg ${path} f`);
    if (stroke) this.lines.push(`${strokeOf(stroke)} ${path} S`);
  }

  curves(lines: readonly (readonly Point[])[], stroke: Stroke): void {
    this.lines.push(strokeOf(stroke));
    for (const points of lines) {
      const start = points[0];
      if (!start) continue;
      const pieces = beziersOf(points).map(
        ({ first, second, to }) => `${numbers(first.x, first.y, second.x, second.y, to.x, to.y)} c`,
      );
      this.lines.push(`${numbers(start.x, start.y)} m ${pieces.join(" ")} S`);
    }
  }

  polygons(shapes: readonly (readonly Point[])[], colour: string): void {
    this.lines.push(`${colourOf(colour)} rg`);
    for (const points of shapes) {
      const path = points.map(({ x, y }, index) => `${numbers(x, y)} ${index === 0 ? "m" : "l"}`);
      this.lines.push(`${path.join(" ")} h f`);
    }
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    if (isLatin(text)) this.written(text, x, y, style);
    else this.drawn(text, x, y, style);
  }

  private written(text: string, x: number, y: number, style: TextStyle): void {
    const font = `${style.bold ? 700 : 400} ${style.size}px Helvetica, Arial, sans-serif`;
    const shown = fitText(text, font, style.maxWidth, this.measure);
    const share = SHARES[style.align ?? "left"];
    const left = share === 0 ? x : x - share * this.measure(shown, font);
    const place = numbers(1, 0, 0, -1, left, y + style.size * 0.35);
    const look = `${colourOf(style.colour)} rg /${style.bold ? "Bold" : "Plain"} ${round(style.size)} Tf`;
    this.lines.push(`BT ${look} ${place} Tm (${escapeText(shown)}) Tj ET`);
  }

  private drawn(text: string, x: number, y: number, style: TextStyle): void {
    const font = `${style.bold ? 600 : 400} ${style.size}px ${FONT}`;
    const shown = fitText(text, font, style.maxWidth, this.measure);
    const { name, stencil } = this.stencilFor(shown, font, style.size);
    const { width, height } = stencil.drawn;
    const place = numbers(width, 0, 0, -height, x - SHARES[style.align ?? "left"] * width, y + height / 2);
    this.lines.push(`/Span << /ActualText <${wideHex(shown)}> >> BDC`);
    this.lines.push(`q ${colourOf(style.colour)} rg ${place} cm /${name} Do Q EMC`);
  }

  private stencilFor(text: string, font: string, size: number): Named {
    const key = `${font}|${text}`;
    const known = this.stencils.get(key);
    if (known) return known;
    const made = { name: `T${this.stencils.size}`, stencil: this.makeStencil(text, font, size) };
    this.stencils.set(key, made);
    return made;
  }

  fade(opacity: number): void {
    this.opacities.add(opacity);
    this.lines.push(`/${opacityName(opacity)} gs`);
  }

  /** What was drawn, in our coordinates, whose y points down. */
  content(): string {
    return this.lines.join("\n");
  }

  /** What the content draws through, by the name that it has there. */
  pictures(): Named[] {
    return [...this.stencils.values()];
  }

  /** The graphics states that the content names. */
  states(): string {
    return [...this.opacities].map((share) => `/${opacityName(share)} << /ca ${share} /CA ${share} >>`).join(" ");
  }
}

function opacityName(opacity: number): string {
  return `O${Math.round(opacity * 100)}`;
}

function roundedPath(x: number, y: number, width: number, height: number, radius: number): string {
  const [right, bottom, bend] = [x + width, y + height, radius * (1 - ROUND)];
  return [
    `${numbers(x + radius, y)} m ${numbers(right - radius, y)} l`,
    `${numbers(right - bend, y, right, y + bend, right, y + radius)} c ${numbers(right, bottom - radius)} l`,
    `${numbers(right, bottom - bend, right - bend, bottom, right - radius, bottom)} c ${numbers(x + radius, bottom)} l`,
    `${numbers(x + bend, bottom, x, bottom - bend, x, bottom - radius)} c ${numbers(x, y + radius)} l`,
    `${numbers(x, y + bend, x + bend, y, x + radius, y)} c h`,
  ].join(" ");
}

function strokeOf({ colour, width, dash }: Stroke): string {
  return `${colourOf(colour)} RG ${round(width)} w [${(dash ?? []).join(" ")}] 0 d`;
}

/** Red, green and blue from 0 to 1 of `#rrggbb`. */
function colourOf(text: string): string {
  const value = Number.parseInt(text.slice(1, 7), 16) || 0;
  return [value >> 16, (value >> 8) & 255, value & 255].map((part) => round(part / 255)).join(" ");
}

function isLatin(text: string): boolean {
  return [...text].every((sign) => sign in SIGNS || sign <= "\xff");
}

/** UTF-16 with the mark of its byte order, in hexadecimal. */
function wideHex(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index).toString(16).padStart(4, "0"));
  return `feff${units.join("")}`;
}

function escapeText(text: string): string {
  const latin = [...text].map((sign) => SIGNS[sign] ?? sign).join("");
  return latin.replace(/[\\()]/g, (sign) => `\\${sign}`);
}

function numbers(...values: number[]): string {
  return values.map(round).join(" ");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
