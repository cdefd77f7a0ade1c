/** Text as a picture of one colour, for scripts that a PDF's own fonts lack: drawn with whatever fonts the browser has. */
import { contextOf } from "../export";

/** Dots for each unit of length: fine enough to print. */
const FINENESS = 6;
const HALF_COVERED = 128;

export interface Stencil {
  /** Dots; each row of them begins with a new byte, the first dot in its highest bit. */
  width: number;
  height: number;
  bits: Uint8Array<ArrayBuffer>;
  /** How large it is drawn; its middle is the text's. */
  drawn: { width: number; height: number };
}

export type MakeStencil = (text: string, font: string, size: number) => Stencil;

export const stencilOf: MakeStencil = (text, font, size) => {
  const context = contextOf(document.createElement("canvas"));
  context.font = font;
  const drawn = { width: Math.ceil(context.measureText(text).width) + 2, height: Math.ceil(size * 1.6) };
  const [width, height] = [drawn.width * FINENESS, drawn.height * FINENESS];
  context.canvas.width = width;
  context.canvas.height = height;
  context.scale(FINENESS, FINENESS);
  context.font = font;
  context.textBaseline = "middle";
  context.fillText(text, 0, drawn.height / 2);
  return { width, height, drawn, bits: packed(context.getImageData(0, 0, width, height).data, width, height) };
};

/** One bit for each dot that is covered at least half; `rgba` has four bytes for each. */
export function packed(rgba: Uint8ClampedArray, width: number, height: number): Uint8Array<ArrayBuffer> {
  const row = Math.ceil(width / 8);
  const bits = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * row + (x >> 3);
      if ((rgba[4 * (y * width + x) + 3] ?? 0) >= HALF_COVERED) bits[at] = (bits[at] ?? 0) | (128 >> (x & 7));
    }
  }
  return bits;
}
