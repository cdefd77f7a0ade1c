/** What the reader can do in the graph, as changes of the explorer's state. */
import type { Hit } from "../graph/hit";
import type { GraphModel, Port } from "../graph/model";
import type { AssetRef } from "./assetRef";
import type { Expansion, ExplorerState } from "./explorerState";
import { selectedId } from "./explorerState";

export interface Actions {
  hit: (hit: Hit | null) => void;
  select: (port: Port | null) => void;
  selectLink: (id: string) => void;
  toggleOpen: (card: string) => void;
  expand: (card: string, side: Expansion["side"]) => void;
  focusOn: (hit: Hit) => void;
}

interface CardTools {
  turnPage: (card: string, step: number) => void;
  openFilter: (card: string | null) => void;
}

export function actionsFor(
  state: ExplorerState,
  onChange: (state: ExplorerState) => void,
  model: GraphModel,
  tools: CardTools,
): Actions {
  const refOf = (card: string): AssetRef | null => {
    const found = model.cards.get(card);
    return !found || found.kind === "hidden"
      ? null
      : { kind: found.kind, namespace: found.namespace, name: found.name };
  };
  const select = (port: Port | null) => onChange(withSelection(state, port && refOf(port.card), port?.column ?? null));
  const selectLink = (id: string) => onChange({ ...state, link: id });
  const toggleOpen = (card: string) => onChange({ ...state, open: toggled(state.open, card) });
  const expand = (card: string, side: Expansion["side"]) => {
    const asset = refOf(card);
    if (asset)
      onChange({ ...state, expanded: [...state.expanded, { side, namespace: asset.namespace, name: asset.name }] });
  };
  const hit = (found: Hit | null) => {
    tools.openFilter(found?.kind === "filter" ? found.card : null);
    if (!found) return select(null);
    if (found.kind === "card") return select({ card: found.card, column: null });
    if (found.kind === "column") return select(toggledColumn(state, { card: found.card, column: found.column }));
    if (found.kind === "footer") return toggleOpen(found.card);
    if (found.kind === "page") return tools.turnPage(found.card, found.step);
    if (found.kind === "more") return expand(found.card, found.side);
    if (found.kind === "curve" && found.curve.links[0]) selectLink(found.curve.links[0].id);
  };
  const focusOn = (found: Hit) => {
    if (found.kind === "card" && model.cards.get(found.card)?.kind === "group") return toggleOpen(found.card);
    if (found.kind === "column" || found.kind === "card") {
      const column = found.kind === "column" ? found.column : null;
      onChange({ ...withSelection(state, refOf(found.card), column), focus: true });
    }
  };
  return { hit, select, selectLink, toggleOpen, expand, focusOn };
}

function withSelection(state: ExplorerState, selected: AssetRef | null, field: string | null): ExplorerState {
  return { ...state, selected, field, link: null, focus: selected !== null && state.focus };
}

/** A second click on a traced column goes back to its card. */
function toggledColumn(state: ExplorerState, port: Port): Port {
  const isTraced = state.field === port.column && selectedId(state) === port.card;
  return isTraced ? { card: port.card, column: null } : port;
}

function toggled(list: readonly string[], id: string): string[] {
  return list.includes(id) ? list.filter((other) => other !== id) : [...list, id];
}
