/** Counts crossings between neighbouring layers with a Fenwick tree (Barth, Mutzel, Jünger 2004), O(E log V). */
import type { Neighbours } from "./types";

export function countCrossings(rows: readonly number[][], near: Neighbours): number {
  const place = placesIn(rows, near.after.length);
  let total = 0;
  for (let layer = 0; layer + 1 < rows.length; layer++) {
    total += between(rows[layer] ?? [], rows[layer + 1]?.length ?? 0, near.after, place);
  }
  return total;
}

function between(left: number[], rightSize: number, after: number[][], place: Int32Array): number {
  const tree = new Int32Array(rightSize + 1);
  let inserted = 0;
  let crossings = 0;
  for (const vertex of left) {
    const targets = (after[vertex] ?? []).map((target) => place[target] ?? 0);
    for (const at of targets) crossings += inserted - sumTo(tree, at);
    for (const at of targets) add(tree, at);
    inserted += targets.length;
  }
  return crossings;
}

/** How many inserted ends lie at or before a place. */
function sumTo(tree: Int32Array, at: number): number {
  let sum = 0;
  for (let index = at + 1; index > 0; index -= index & -index) sum += tree[index] ?? 0;
  return sum;
}

function add(tree: Int32Array, at: number): void {
  for (let index = at + 1; index < tree.length; index += index & -index) tree[index] = (tree[index] ?? 0) + 1;
}

/** Place of each vertex in its row. */
export function placesIn(rows: readonly number[][], vertices: number): Int32Array {
  const place = new Int32Array(vertices);
  for (const row of rows) notePlaces(row, place);
  return place;
}

/** Note the places of one row anew. */
export function notePlaces(row: readonly number[], place: Int32Array): void {
  row.forEach((vertex, index) => {
    place[vertex] = index;
  });
}
