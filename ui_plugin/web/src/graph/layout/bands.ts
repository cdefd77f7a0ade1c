/** Breaks a layout that is long and low into bands below each other, as lines of text are broken, to fill the room.
 *
 * Bands end at the same right edge, so that a short last one leaves the lower left corner to the tools there.
 */
import type { Arc, Box, Layout, LayoutInput, Place, Point, Route } from "./types";

export interface Room {
  width: number;
  height: number;
}

const MOST_BANDS = 4;
/** A layout that is shown at this scale is read well as it is. */
const GOOD_SCALE = 0.85;
/** Breaking is worth it from this gain on. */
const LEAST_GAIN = 1.2;
const BAND_GAP = 44;
const RETURN_GAP = 8;
/** How far beside the cards lines turn back. */
const TURN = 22;

interface Layer {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The layout in as many bands as let it be shown largest; as it is where it is short, or the gain is small. */
export function inBands(layout: Layout, { boxes, arcs }: LayoutInput, room: Room): Layout {
  const whole = scaleIn(room, layout, boxes);
  if (whole >= GOOD_SCALE) return layout;
  const layers = layersOf(layout, boxes);
  const counts = Array.from({ length: MOST_BANDS - 1 }, (_, index) => index + 2).filter((n) => n <= layers.length / 2);
  const broken = counts.map((count) => breakInto(count, layout, layers, arcs));
  const best = broken.reduce(
    (found, one) => {
      const scale = scaleIn(room, one, boxes);
      return scale > found.scale ? { layout: one, scale } : found;
    },
    { layout, scale: whole * LEAST_GAIN },
  );
  return best.layout;
}

function scaleIn(room: Room, { places }: Layout, boxes: readonly Box[]): number {
  const width = extent(
    places.map(({ x }) => x),
    boxes.map((box) => box.width),
  );
  const height = extent(
    places.map(({ y }) => y),
    boxes.map((box) => box.height),
  );
  return Math.min(1, room.width / width, room.height / height);
}

function extent(starts: readonly number[], lengths: readonly number[]): number {
  return Math.max(...starts.map((start, index) => start + (lengths[index] ?? 0))) - Math.min(...starts);
}

function layersOf({ places, routes }: Layout, boxes: readonly Box[]): Layer[] {
  const layers: Layer[] = [];
  places.forEach(({ layer, x, y }, index) => {
    const { width = 0, height = 0 } = boxes[index] ?? {};
    layers[layer] = widened(layers[layer], { left: x, right: x + width, top: y, bottom: y + height });
  });
  const at = new Map(layers.map((layer, index) => [layer.left, index]));
  for (const { x, y } of routes.flatMap((route) => route.points)) {
    const layer = at.get(x);
    if (layer !== undefined) layers[layer] = widened(layers[layer], { left: x, right: x, top: y, bottom: y });
  }
  return layers;
}

function widened(layer: Layer | undefined, by: Layer): Layer {
  if (!layer) return by;
  return {
    left: Math.min(layer.left, by.left),
    right: Math.max(layer.right, by.right),
    top: Math.min(layer.top, by.top),
    bottom: Math.max(layer.bottom, by.bottom),
  };
}

interface Band {
  left: number;
  right: number;
  bottom: number;
  /** Where the band's part of the layout goes. */
  shift: Point;
}

function breakInto(count: number, layout: Layout, layers: readonly Layer[], arcs: readonly Arc[]): Layout {
  const layerOf = new Map(layout.places.map(({ id, layer }) => [id, layer]));
  const forward = [...new Map(arcs.map((arc) => [`${arc.source}\n${arc.target}`, arc])).values()].filter(
    ({ source, target }) => (layerOf.get(source) ?? 0) < (layerOf.get(target) ?? 0),
  );
  const size = Math.ceil(layers.length / count);
  const stacked: Band[] = [];
  for (let first = 0; first < layers.length; first += size) {
    const own = layers.slice(first, first + size);
    stacked.push(bandBelow(stacked.at(-1), own, crossing(forward, layerOf, first)));
  }
  const bands = atRight(stacked);
  const bandOf = (layer: number) => bands[Math.floor(layer / size)] as Band;
  const places = layout.places.map((place) => moved(place, bandOf(place.layer).shift));
  return { places, routes: routesIn({ bands, size, layout, forward, layerOf }) };
}

/** How many arcs lead from before a layer to it or beyond. */
function crossing(arcs: readonly Arc[], layerOf: ReadonlyMap<string, number>, first: number): number {
  return arcs.filter(({ source, target }) => (layerOf.get(source) ?? 0) < first && (layerOf.get(target) ?? 0) >= first)
    .length;
}

function bandBelow(above: Band | undefined, own: readonly Layer[], lines: number): Band {
  const [left, top] = [Math.min(...own.map((one) => one.left)), Math.min(...own.map((one) => one.top))];
  const start = above ? above.bottom + BAND_GAP + RETURN_GAP * lines : 0;
  const shift = { x: -left, y: start - top };
  const right = Math.max(...own.map((one) => one.right)) + shift.x;
  return { left: 0, right, bottom: Math.max(...own.map((one) => one.bottom)) + shift.y, shift };
}

function atRight(bands: readonly Band[]): Band[] {
  const end = Math.max(...bands.map(({ right }) => right));
  return bands.map((band) => {
    const left = end - band.right;
    return { ...band, left, right: end, shift: { x: band.shift.x + left, y: band.shift.y } };
  });
}

function moved(place: Place, by: Point): Place {
  return { ...place, x: place.x + by.x, y: Math.round(place.y + by.y) };
}

interface Broken {
  bands: readonly Band[];
  size: number;
  layout: Layout;
  forward: readonly Arc[];
  layerOf: ReadonlyMap<string, number>;
}

/** The lanes of each arc in its bands, with a way back to the left between two of them. */
function routesIn({ bands, size, layout, forward, layerOf }: Broken): Route[] {
  const lanes = new Map(layout.routes.map(({ source, target, points }) => [`${source}\n${target}`, points]));
  const used = bands.map(() => 0);
  return forward.flatMap(({ source, target }) => {
    const [from, to] = [layerOf.get(source) ?? 0, layerOf.get(target) ?? 0];
    const own = lanes.get(`${source}\n${target}`) ?? [];
    const points: Point[] = [];
    for (let layer = from + 1; layer <= to; layer++) {
      const band = bands[Math.floor(layer / size)] as Band;
      if (layer % size === 0) points.push(...wayBack(bands, layer / size - 1, used));
      if (layer === to) break;
      const at = 2 * (layer - from - 1);
      points.push(...own.slice(at, at + 2).map(({ x, y }) => ({ x: x + band.shift.x, y: y + band.shift.y })));
    }
    return points.length === 0 ? [] : [{ source, target, points }];
  });
}

function wayBack(bands: readonly Band[], above: number, used: number[]): Point[] {
  const [band, next] = [bands[above] as Band, bands[above + 1] as Band];
  const turn = used[above] ?? 0;
  used[above] = turn + 1;
  const y = band.bottom + BAND_GAP / 2 + RETURN_GAP * turn;
  return [
    { x: band.right + TURN, y },
    { x: next.left - TURN, y },
  ];
}
