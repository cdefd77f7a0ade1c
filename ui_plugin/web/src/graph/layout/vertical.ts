/** Gives each vertex a height on the page near its neighbours, keeping order and gaps in its layer.
 *
 * The least-squares answer for one layer is isotonic regression, by pooling adjacent violators (PAV).
 */
import type { Neighbours } from "./types";

const PASSES = 10;
const BOX_GAP = 26;
const LANE_GAP = 12;

export interface Extent {
  height: number;
  isLane: boolean;
}

interface Block {
  sum: number;
  weight: number;
  size: number;
}

/** Centre of each vertex; `rows` are the layers in their order. */
export function placeVertically(rows: readonly number[][], near: Neighbours, extents: readonly Extent[]): number[] {
  const centres = new Array<number>(extents.length).fill(0);
  const offsets = rows.map((row) => offsetsIn(row, extents));
  rows.forEach((row, layer) => {
    const middle = (offsets[layer]?.at(-1) ?? 0) / 2;
    row.forEach((vertex, index) => {
      centres[vertex] = (offsets[layer]?.[index] ?? 0) - middle;
    });
  });
  for (let pass = 0; pass < PASSES; pass++) {
    const both = pass >= PASSES - 2;
    const sides = both ? [near.before, near.after] : [pass % 2 === 0 ? near.before : near.after];
    const layers = rows.map((_, layer) => (pass % 2 === 0 ? layer : rows.length - 1 - layer));
    for (const layer of layers) settleRow(rows[layer] ?? [], offsets[layer] ?? [], sides, centres, extents);
  }
  return centres;
}

/** Least distance of each vertex of a row from its first one, centre to centre. */
function offsetsIn(row: readonly number[], extents: readonly Extent[]): number[] {
  const offsets: number[] = [];
  row.forEach((vertex, index) => {
    const above = extents[row[index - 1] ?? -1];
    const here = extents[vertex];
    if (!above || !here) offsets.push(0);
    else offsets.push((offsets[index - 1] ?? 0) + (above.height + here.height) / 2 + gapBetween(above, here));
  });
  return offsets;
}

function gapBetween(above: Extent, below: Extent): number {
  return above.isLane && below.isLane ? LANE_GAP : BOX_GAP;
}

function settleRow(
  row: readonly number[],
  offsets: readonly number[],
  sides: readonly number[][][],
  centres: number[],
  extents: readonly Extent[],
): void {
  const blocks: Block[] = [];
  row.forEach((vertex, index) => {
    const wish = desired(vertex, sides, centres, extents);
    pool(blocks, { sum: (wish.at - (offsets[index] ?? 0)) * wish.weight, weight: wish.weight, size: 1 });
  });
  let index = 0;
  for (const block of blocks) {
    for (let left = block.size; left > 0; left--, index++) {
      centres[row[index] ?? 0] = block.sum / block.weight + (offsets[index] ?? 0);
    }
  }
}

/** The mean of a vertex's neighbours; lanes pull harder, so that long arcs run straight. */
function desired(vertex: number, sides: readonly number[][][], centres: number[], extents: readonly Extent[]) {
  let sum = 0;
  let weight = 0;
  for (const other of sides.flatMap((side) => side[vertex] ?? [])) {
    const pull = extents[vertex]?.isLane && extents[other]?.isLane ? 4 : 1;
    sum += pull * (centres[other] ?? 0);
    weight += pull;
  }
  return weight === 0 ? { at: centres[vertex] ?? 0, weight: 0.1 } : { at: sum / weight, weight };
}

function pool(blocks: Block[], next: Block): void {
  let block = next;
  for (let last = blocks.at(-1); last && last.sum / last.weight > block.sum / block.weight; last = blocks.at(-1)) {
    blocks.pop();
    block = { sum: last.sum + block.sum, weight: last.weight + block.weight, size: last.size + block.size };
  }
  blocks.push(block);
}
