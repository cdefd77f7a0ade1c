/** Which loaded cards lie next to each other, and how many more exist that are not loaded. */
import type { GraphModel } from "../graph/model";
import type { More } from "../graph/paint/marks";
import { assetId } from "./assetRef";
import type { Expansion } from "./explorerState";

export interface Beside {
  upstream: Set<string>;
  downstream: Set<string>;
}

export function besideEach(model: GraphModel): Map<string, Beside> {
  const beside = new Map<string, Beside>();
  for (const id of model.cards.keys()) beside.set(id, { upstream: new Set(), downstream: new Set() });
  for (const { source, target } of model.links) {
    if (source.card === target.card) continue;
    beside.get(source.card)?.downstream.add(target.card);
    beside.get(target.card)?.upstream.add(source.card);
  }
  return beside;
}

/** What a card's counts say beyond its loaded neighbours; a side that was expanded has shown what it can. */
export function moreOfEach(
  model: GraphModel,
  beside: Map<string, Beside>,
  expanded: readonly Expansion[],
): Map<string, More> {
  const done = new Set(expanded.map(({ side, ...asset }) => `${side} ${assetId({ kind: "dataset", ...asset })}`));
  const more = new Map<string, More>();
  for (const card of model.cards.values()) {
    const loaded = beside.get(card.id);
    const left = (side: keyof Beside, count: number | null) =>
      done.has(`${side} ${card.id}`) ? 0 : Math.max(0, (count ?? 0) - (loaded?.[side].size ?? 0));
    more.set(card.id, {
      upstream: left("upstream", card.upstreamCount),
      downstream: left("downstream", card.downstreamCount),
    });
  }
  return more;
}
