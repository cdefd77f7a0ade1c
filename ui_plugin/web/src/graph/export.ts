/** Exports of the whole graph, drawn from the model and not from the screen. */
import { csvOf } from "../ui/files";
import type { GraphModel, Port } from "./model";
import { CanvasPen } from "./paint/canvasPen";
import type { Measure } from "./paint/fitText";
import type { Marks } from "./paint/marks";
import { paintScene } from "./paint/paintScene";
import type { Palette } from "./paint/palette";
import { SvgPen } from "./paint/svgPen";
import type { Bounds, Scene } from "./scene";

const MARGIN = 40;
/** Browsers refuse larger canvases; a larger graph is scaled down to it. */
const MOST_PIXELS_A_SIDE = 8000;
const PIXEL_RATIO = 2;

/** The whole graph with a margin round it. */
export function paperOf({ x, y, width, height }: Bounds): Bounds {
  return { x: x - MARGIN, y: y - MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN };
}

export function toSvg(scene: Scene, marks: Marks, palette: Palette, measure: Measure): string {
  const paper = paperOf(scene.bounds);
  const pen = new SvgPen(measure);
  paintScene(pen, scene, marks, palette, 1, paper);
  return pen.document(paper.x, paper.y, paper.width, paper.height, palette.background);
}

export async function toPng(scene: Scene, marks: Marks, palette: Palette): Promise<Blob> {
  const paper = paperOf(scene.bounds);
  const scale = Math.min(PIXEL_RATIO, MOST_PIXELS_A_SIDE / Math.max(paper.width, paper.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(paper.width * scale);
  canvas.height = Math.ceil(paper.height * scale);
  const context = contextOf(canvas);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, scale, -paper.x * scale, -paper.y * scale);
  paintScene(new CanvasPen(context), scene, marks, palette, 1, paper);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser could not make the picture."))));
  });
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  return context;
}

const CSV_HEAD = "source,source_column,target,target_column,kind,transformation,job,origin,valid_from,expression";

/** One row a link. */
export function toCsv(model: GraphModel): string {
  const rows = model.links.map(({ source, target, edge }) => [
    ...portCells(model, source),
    ...portCells(model, target),
    edge.kind,
    edge.subtype ?? "",
    edge.job ? `${edge.job.namespace}/${edge.job.name}` : "",
    edge.origin ?? "",
    edge.valid_from ?? "",
    edge.expression ?? "",
  ]);
  return csvOf([CSV_HEAD.split(","), ...rows]);
}

function portCells(model: GraphModel, port: Port): string[] {
  const card = model.cards.get(port.card);
  const name = card?.kind === "hidden" ? "hidden" : `${card?.namespace ?? ""}/${card?.name ?? ""}`;
  return [name, port.column ?? ""];
}
