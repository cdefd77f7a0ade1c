/** Orders each layer to cross few arcs: sweeps by barycentre, swaps of neighbours, then sifting; the best order is kept.
 *
 * Work is bounded by counted steps, not by the clock, so that equal graphs always look the same.
 */
import { countCrossings, notePlaces, placesIn } from "./crossings";
import { siftRows } from "./sift";
import type { Neighbours } from "./types";

const MOST_SWEEPS = 24;
const FRUITLESS_SWEEPS = 6;
const SWEEP_BUDGET = 80_000;
const MOST_SEGMENTS_TO_SWAP = 40_000;

/** From an order that says nothing. */
export function orderRows(rows: readonly number[][], near: Neighbours): number[][] {
  const orders = [rows, treeOrder(rows, near)].map((start) => sweep(start, near));
  const [first, second] = orders as [Order, Order];
  return siftRows((second.crossings < first.crossings ? second : first).rows, near);
}

/** From an order that the reader knows: only what is crossed less changes its place. */
export function adjustRows(rows: readonly number[][], near: Neighbours): number[][] {
  return siftRows(rows, near);
}

interface Order {
  rows: number[][];
  crossings: number;
}

function sweep(start: readonly number[][], near: Neighbours): Order {
  const segments = near.after.reduce((sum, list) => sum + list.length, 0);
  const sweeps = Math.max(4, Math.min(MOST_SWEEPS, Math.floor(SWEEP_BUDGET / (segments + 1))));
  const current = copyOf(start);
  let best: Order = { rows: copyOf(current), crossings: countCrossings(current, near) };
  for (let turn = 0, fruitless = 0; turn < sweeps && best.crossings > 0 && fruitless < FRUITLESS_SWEEPS; turn++) {
    sweepRows(current, near, turn % 2 === 0);
    if (segments <= MOST_SEGMENTS_TO_SWAP) swapNeighbours(current, near);
    const crossings = countCrossings(current, near);
    fruitless = crossings < best.crossings ? 0 : fruitless + 1;
    if (crossings < best.crossings) best = { rows: copyOf(current), crossings };
  }
  return best;
}

function copyOf(rows: readonly number[][]): number[][] {
  return rows.map((row) => [...row]);
}

/** Each layer in the order in which a depth-first walk meets its vertices: families stay together. */
function treeOrder(rows: readonly number[][], near: Neighbours): number[][] {
  const met = new Int32Array(near.after.length).fill(-1);
  let count = 0;
  const stack = rows.flat().reverse();
  for (let vertex = stack.pop(); vertex !== undefined; vertex = stack.pop()) {
    if ((met[vertex] ?? 0) >= 0) continue;
    met[vertex] = count++;
    stack.push(...(near.before[vertex] ?? []), ...[...(near.after[vertex] ?? [])].reverse());
  }
  return rows.map((row) => [...row].sort((a, b) => (met[a] ?? 0) - (met[b] ?? 0)));
}

function sweepRows(rows: number[][], near: Neighbours, rightwards: boolean): void {
  const place = placesIn(rows, near.after.length);
  const wish = new Float64Array(place.length);
  const fixed = rightwards ? near.before : near.after;
  for (const row of rightwards ? rows.slice(1) : rows.slice(0, -1).reverse()) {
    for (const vertex of row) wish[vertex] = barycentre(vertex, fixed, place);
    row.sort((a, b) => (wish[a] ?? 0) - (wish[b] ?? 0));
    notePlaces(row, place);
  }
}

function barycentre(vertex: number, fixed: number[][], place: Int32Array): number {
  const list = fixed[vertex] ?? [];
  if (list.length === 0) return place[vertex] ?? 0;
  let sum = 0;
  for (const other of list) sum += place[other] ?? 0;
  return sum / list.length;
}

/** Swap neighbours in a layer while that removes crossings (the transpose step of Gansner et al. 1993). */
function swapNeighbours(rows: number[][], near: Neighbours): void {
  const place = placesIn(rows, near.after.length);
  for (let pass = 0, improved = true; improved && pass < 4; pass++) {
    improved = false;
    for (const row of rows) improved = swapInRow(row, near, place) || improved;
  }
}

function swapInRow(row: number[], near: Neighbours, place: Int32Array): boolean {
  let improved = false;
  for (let at = 0; at + 1 < row.length; at++) {
    const [upper, lower] = [row[at] ?? 0, row[at + 1] ?? 0];
    if (gainOfSwap(upper, lower, near, place) <= 0) continue;
    row[at] = lower;
    row[at + 1] = upper;
    place[lower] = at;
    place[upper] = at + 1;
    improved = true;
  }
  return improved;
}

/** How many crossings fewer there are once `lower` stands before `upper`. */
export function gainOfSwap(upper: number, lower: number, near: Neighbours, place: Int32Array): number {
  return gainOn(near.before, upper, lower, place) + gainOn(near.after, upper, lower, place);
}

function gainOn(side: number[][], upper: number, lower: number, place: Int32Array): number {
  let saved = 0;
  for (const a of side[upper] ?? []) {
    for (const b of side[lower] ?? []) saved += Math.sign((place[a] ?? 0) - (place[b] ?? 0));
  }
  return saved;
}
