/** A PDF of one page that holds the whole graph (ISO 32000-1, 7.5). */
import type { Measure } from "./paint/fitText";
import type { Marks } from "./paint/marks";
import { paintScene } from "./paint/paintScene";
import type { Palette } from "./paint/palette";
import { PdfPen } from "./paint/pdfPen";
import { type MakeStencil, type Stencil, stencilOf } from "./paint/stencil";
import type { Bounds, Scene } from "./scene";

/** Points; readers refuse larger pages. */
const MOST_SIDE = 14_400;
/** Number of the first object after the catalogue, the pages, the page and its content. */
const FIRST_PICTURE = 5;

export async function toPdf(
  scene: Scene,
  marks: Marks,
  palette: Palette,
  measure: Measure,
  paper: Bounds,
  makeStencil: MakeStencil = stencilOf,
): Promise<Blob> {
  const pen = new PdfPen(measure, makeStencil);
  pen.box(paper.x, paper.y, paper.width, paper.height, { fill: palette.background });
  paintScene(pen, scene, marks, palette, 1, paper);
  const scale = Math.min(1, MOST_SIDE / Math.max(paper.width, paper.height));
  const [width, height] = [Math.ceil(paper.width * scale), Math.ceil(paper.height * scale)];
  // Our y points down, a page's up.
  const place = `${scale} 0 0 ${-scale} ${-paper.x * scale} ${height + paper.y * scale} cm`;
  const content = await deflate(latinBytes(`${place}\n${pen.content()}`));
  const fonts = `/Font << /Plain ${fontOf("Helvetica")} /Bold ${fontOf("Helvetica-Bold")} >>`;
  const pictures = pen.pictures();
  const named = pictures.map(({ name }, index) => `/${name} ${FIRST_PICTURE + index} 0 R`).join(" ");
  const resources = `<< ${fonts} /ExtGState << ${pen.states()} >> /XObject << ${named} >> >>`;
  return assemble([
    [latinBytes("<< /Type /Catalog /Pages 2 0 R >>")],
    [latinBytes("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")],
    [
      latinBytes(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Resources ${resources} /Contents 4 0 R >>`,
      ),
    ],
    streamOf("", content),
    ...(await Promise.all(pictures.map(({ stencil }) => pictureOf(stencil)))),
  ]);
}

/** A stencil mask (ISO 32000-1, 8.9.6.2): the colour at hand goes where its bits are set. */
async function pictureOf({ width, height, bits }: Stencil): Promise<Part> {
  const size = `/Width ${width} /Height ${height}`;
  const form = `/Type /XObject /Subtype /Image ${size} /ImageMask true /BitsPerComponent 1 /Decode [1 0] `;
  return streamOf(form, await deflate(bits));
}

type Part = Uint8Array<ArrayBuffer>[];

function streamOf(form: string, deflated: Uint8Array<ArrayBuffer>): Part {
  const head = `<< ${form}/Length ${deflated.length} /Filter /FlateDecode >>\nstream\n`;
  return [latinBytes(head), deflated, latinBytes("\nendstream")];
}

function fontOf(name: string): string {
  return `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
}

/** The objects, numbered from 1, with the table of where each begins. */
function assemble(objects: Part[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [latinBytes("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")];
  const begins: number[] = [];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  objects.forEach((object, index) => {
    begins.push(length());
    parts.push(latinBytes(`${index + 1} 0 obj\n`), ...object, latinBytes("\nendobj\n"));
  });
  const table = begins.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const end = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length()}\n%%EOF\n`;
  parts.push(latinBytes(`xref\n0 ${size}\n0000000000 65535 f \n${table}${end}`));
  return new Blob(parts, { type: "application/pdf" });
}

function latinBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
