/** Sifting (Matuszewski, Schönfeld, Molitor 1999): each vertex in turn moves to where its layer crosses least. */
import { notePlaces, placesIn } from "./crossings";
import { gainOfSwap } from "./order";
import type { Neighbours } from "./types";

const MOST_PASSES = 8;
/** Comparisons of two ends; about an eighth of a second. */
const STEP_BUDGET = 20_000_000;
/** How far a vertex is tried from its place. */
const MOST_REACH = 400;

/** Rows with as few crossings or fewer; each move is one that pays, so that what is good already stays. */
export function siftRows(start: readonly number[][], near: Neighbours): number[][] {
  const rows = start.map((row) => [...row]);
  const place = placesIn(rows, near.after.length);
  const work = { left: STEP_BUDGET };
  for (let pass = 0, gained = 1; pass < MOST_PASSES && gained > 0 && work.left > 0; pass++) {
    gained = 0;
    for (const row of rows) gained += siftRow(row, near, place, work);
  }
  return rows;
}

interface Work {
  left: number;
}

function siftRow(row: number[], near: Neighbours, place: Int32Array, work: Work): number {
  let gained = 0;
  for (const vertex of [...row]) {
    if (work.left <= 0) return gained;
    const at = place[vertex] ?? 0;
    const up = bestMove(row, at, -1, near, place, work);
    const down = bestMove(row, at, 1, near, place, work);
    const best = down.gain > up.gain ? down : up;
    if (best.gain <= 0) continue;
    row.splice(at, 1);
    row.splice(best.to, 0, vertex);
    notePlaces(row, place);
    gained += best.gain;
  }
  return gained;
}

/** Where a vertex gains most when it is moved one way past its neighbours. */
function bestMove(row: number[], at: number, step: 1 | -1, near: Neighbours, place: Int32Array, work: Work) {
  const vertex = row[at] ?? 0;
  const best = { gain: 0, to: at };
  let gain = 0;
  for (let to = at + step; to >= 0 && to < row.length && Math.abs(to - at) <= MOST_REACH; to += step) {
    const other = row[to] ?? 0;
    gain += step > 0 ? gainOfSwap(vertex, other, near, place) : gainOfSwap(other, vertex, near, place);
    work.left -= degree(other, near) * degree(vertex, near) + 1;
    if (gain > best.gain) Object.assign(best, { gain, to });
  }
  return best;
}

function degree(vertex: number, near: Neighbours): number {
  return (near.before[vertex]?.length ?? 0) + (near.after[vertex]?.length ?? 0);
}
