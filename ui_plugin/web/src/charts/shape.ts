/** Series of figures as lines in a box; pure, so that it can be tested without a page. */
import type { MetricAnswer } from "../api/types";

export interface Point {
  at: number;
  value: number;
}

export type Metric = MetricAnswer["series"][number]["metric"];

/** The points of one figure, the earliest first. */
export function pointsOf(answer: MetricAnswer | undefined, metric: Metric): Point[] {
  const points = answer?.series.find((series) => series.metric === metric)?.points ?? [];
  return points.map(({ at, value }) => ({ at: Date.parse(at), value }));
}

/** Per cent that a part is of the whole, at each moment that both tell; nothing where the whole is nothing. */
export function shareOf(part: readonly Point[], whole: readonly Point[]): Point[] {
  const parts = new Map(part.map(({ at, value }) => [at, value]));
  return whole.flatMap(({ at, value }) => {
    const of = parts.get(at);
    return of === undefined || value === 0 ? [] : [{ at, value: (100 * of) / value }];
  });
}

/** The way of a line through a box, from zero to the greatest value; `most` where the axis has an end of its own. */
export function lineOf(points: readonly Point[], width: number, height: number, most?: number): string {
  return placesOf(points, width, height, most)
    .map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`)
    .join("");
}

/** The line closed down to zero. */
export function areaOf(points: readonly Point[], width: number, height: number, most?: number): string {
  const places = placesOf(points, width, height, most);
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return "";
  return `${lineOf(points, width, height, most)}L${round(last.x)} ${height}L${round(first.x)} ${height}Z`;
}

export function placesOf(points: readonly Point[], width: number, height: number, most?: number) {
  const start = points[0]?.at ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? 0) - start);
  const top = Math.max(most ?? 0, ...points.map(({ value }) => value)) || 1;
  return points.map(({ at, value }) => ({ x: ((at - start) / span) * width, y: height - (value / top) * height }));
}

/** The point that is nearest to a share of the time shown. */
export function nearest(points: readonly Point[], share: number): Point | null {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const at = first.at + share * (last.at - first.at);
  return points.reduce((best, point) => (Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best), first);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
