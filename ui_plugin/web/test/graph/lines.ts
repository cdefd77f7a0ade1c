/** Counts how often drawn lines cross, and lays out by graphviz's dot, the yardstick. */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { layOut } from "../../src/graph/layout/layered";
import type { LayoutInput, Point } from "../../src/graph/layout/types";

export interface Line {
  source: string;
  target: string;
  points: Point[];
}

/** The lines of our layout: from box to box, through their lanes. */
export function ourLines(input: LayoutInput): Line[] {
  const layout = layOut(input);
  const places = new Map(layout.places.map((place) => [place.id, place]));
  const sizes = new Map(input.boxes.map((box) => [box.id, box]));
  const lanes = new Map(layout.routes.map((route) => [`${route.source} ${route.target}`, route.points]));
  return distinct(input).flatMap(({ source, target }) => {
    const [from, to] = [places.get(source), places.get(target)];
    const [fromSize, toSize] = [sizes.get(source), sizes.get(target)];
    if (!from || !to || !fromSize || !toSize) return [];
    const start = { x: from.x + fromSize.width, y: from.y + fromSize.height / 2 };
    const end = { x: to.x, y: to.y + toSize.height / 2 };
    return [{ source, target, points: [start, ...(lanes.get(`${source} ${target}`) ?? []), end] }];
  });
}

/** The lines that dot draws for the same boxes. */
export async function dotLines(input: LayoutInput): Promise<Line[]> {
  const graphviz = await Graphviz.load();
  const boxes = input.boxes.map((box) => `${box.id}[width=${box.width / 72},height=${box.height / 72}]`);
  const arcs = distinct(input).map(({ source, target }) => `${source}->${target}`);
  const text = `digraph{rankdir=LR;node[shape=box,fixedsize=true,label=""];${[...boxes, ...arcs].join(";")}}`;
  return graphviz
    .layout(text, "plain", "dot")
    .split("\n")
    .filter((row) => row.startsWith("edge"))
    .map((row) => {
      const [, source = "", target = "", count = "0", ...rest] = row.split(" ");
      const numbers = rest.slice(0, 2 * Number(count)).map(Number);
      const points = Array.from({ length: Number(count) }, (_, at) => ({
        x: numbers[2 * at] ?? 0,
        y: numbers[2 * at + 1] ?? 0,
      }));
      return { source, target, points: points.filter((_, at) => at % 3 === 0) };
    });
}

function distinct(input: LayoutInput) {
  return [...new Map(input.arcs.map((arc) => [`${arc.source} ${arc.target}`, arc])).values()];
}

/** Crossings of lines that share no end. */
export function crossingsOf(lines: readonly Line[]): number {
  const pieces = lines
    .flatMap((line) => line.points.slice(1).map((to, at) => pieceOf(line, line.points[at] ?? to, to)))
    .sort((a, b) => a.left - b.left);
  let count = 0;
  pieces.forEach((one, index) => {
    for (let at = index + 1; at < pieces.length; at++) {
      const other = pieces[at];
      if (!other || other.left > one.right) break;
      if (shareEnd(one.line, other.line) || !crosses(one, other)) continue;
      count += 1;
    }
  });
  return count;
}

interface Piece {
  line: Line;
  from: Point;
  to: Point;
  left: number;
  right: number;
}

function pieceOf(line: Line, from: Point, to: Point): Piece {
  return { line, from, to, left: Math.min(from.x, to.x), right: Math.max(from.x, to.x) };
}

function shareEnd(a: Line, b: Line): boolean {
  return a.source === b.source || a.target === b.target || a.source === b.target || a.target === b.source;
}

function crosses(a: Piece, b: Piece): boolean {
  return isSplit(a, b) && isSplit(b, a);
}

/** Whether the ends of one lie on both sides of the other. */
function isSplit({ from, to }: Piece, other: Piece): boolean {
  const side = (at: Point) => (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x);
  return side(other.from) * side(other.to) < 0;
}
