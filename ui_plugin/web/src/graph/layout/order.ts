/** Orders each layer to cross few arcs: barycentre sweeps and swaps of neighbours; the best order seen is kept. */
import { countCrossings, notePlaces, placesIn } from "./crossings";
import type { Neighbours } from "./types";

const MOST_SWEEPS = 24;
const FRUITLESS_SWEEPS = 6;
/** Bounds the work by steps, not by the clock, so that equal graphs always look the same. */
const STEP_BUDGET = 1_500_000;
const MOST_SEGMENTS_TO_SWAP = 8_000;

export function orderRows(rows: readonly number[][], near: Neighbours): number[][] {
  const segments = near.after.reduce((sum, list) => sum + list.length, 0);
  const sweeps = Math.max(4, Math.min(MOST_SWEEPS, Math.floor(STEP_BUDGET / (segments + 1))));
  const current = rows.map((row) => [...row]);
  let best = current.map((row) => [...row]);
  let fewest = countCrossings(best, near);
  for (let sweep = 0, fruitless = 0; sweep < sweeps && fewest > 0 && fruitless < FRUITLESS_SWEEPS; sweep++) {
    sweepRows(current, near, sweep % 2 === 0);
    if (segments <= MOST_SEGMENTS_TO_SWAP) swapNeighbours(current, near);
    const crossings = countCrossings(current, near);
    fruitless = crossings < fewest ? 0 : fruitless + 1;
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = current.map((row) => [...row]);
  }
  return best;
}

function sweepRows(rows: number[][], near: Neighbours, rightwards: boolean): void {
  const place = placesIn(rows);
  const fixed = rightwards ? near.before : near.after;
  for (const row of rightwards ? rows.slice(1) : rows.slice(0, -1).reverse()) {
    const wish = new Map(row.map((vertex) => [vertex, barycentre(vertex, fixed, place)]));
    row.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    notePlaces(row, place);
  }
}

function barycentre(vertex: number, fixed: number[][], place: Map<number, number>): number {
  const list = fixed[vertex] ?? [];
  if (list.length === 0) return place.get(vertex) ?? 0;
  return list.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / list.length;
}

/** Swap neighbours in a layer while that removes crossings (the transpose step of Gansner et al. 1993). */
function swapNeighbours(rows: number[][], near: Neighbours): void {
  const place = placesIn(rows);
  for (let pass = 0, improved = true; improved && pass < 4; pass++) {
    improved = false;
    for (const row of rows) improved = swapInRow(row, near, place) || improved;
  }
}

function swapInRow(row: number[], near: Neighbours, place: Map<number, number>): boolean {
  let improved = false;
  for (let at = 0; at + 1 < row.length; at++) {
    const [upper, lower] = [row[at] ?? 0, row[at + 1] ?? 0];
    if (gain(upper, lower, near, place) <= 0) continue;
    row[at] = lower;
    row[at + 1] = upper;
    place.set(lower, at).set(upper, at + 1);
    improved = true;
  }
  return improved;
}

function gain(upper: number, lower: number, near: Neighbours, place: Map<number, number>): number {
  let saved = 0;
  for (const side of [near.before, near.after]) {
    for (const a of side[upper] ?? []) {
      for (const b of side[lower] ?? []) saved += Math.sign((place.get(a) ?? 0) - (place.get(b) ?? 0));
    }
  }
  return saved;
}
