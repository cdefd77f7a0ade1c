/** The graph's keys: arrows walk, Space opens a card's columns, F focuses, Enter opens the asset, Esc steps back. */
import type { KeyboardEvent } from "react";
import type { Stage } from "../graph/canvas/Stage";
import type { Port } from "../graph/model";
import { CARD_WIDTH } from "../graph/shape";
import { centreOn, toScreen, zoomAt } from "../graph/view";
import type { Actions } from "./actions";
import { type ExplorerState, selectedId } from "./explorerState";
import { isArrow, stepFrom } from "./keyboard";
import type { ExplorerModel } from "./useExplorer";

interface Walk {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
  stage: Stage | null;
  actions: Actions;
  openAsset: () => void;
}

export function onKey(event: KeyboardEvent, walk: Walk): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = isArrow(event.key) ? () => goAlong(event.key, walk) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(walk);
}

const KEYS: Record<string, (walk: Walk) => void> = {
  f: ({ state, onChange }) => onChange({ ...state, focus: !state.focus }),
  " ": ({ state, actions }) => actions.toggleOpen(selectedId(state)),
  c: enterColumns,
  Enter: ({ openAsset }) => openAsset(),
  Escape: ({ state, onChange }) => onChange(stepBack(state)),
  "+": ({ stage }) => zoomBy(stage, 1.25),
  "-": ({ stage }) => zoomBy(stage, 0.8),
  "0": ({ stage }) => stage?.fit(),
};

/** Esc leaves focus first, then the link, the column and the card. */
export function stepBack(state: ExplorerState): ExplorerState {
  if (state.focus) return { ...state, focus: false };
  if (state.link !== null) return { ...state, link: null };
  if (state.field !== null) return { ...state, field: null };
  return { ...state, selected: null };
}

function goAlong(key: string, { state, explorer, stage, actions }: Walk): void {
  const at: Port = { card: selectedId(state), column: state.field };
  const next = isArrow(key) ? stepFrom(at, key, explorer.scene, explorer.model, explorer.beside) : null;
  if (!next) return;
  actions.select(next);
  bringIntoSight(stage, next.card);
}

function enterColumns({ state, explorer, actions }: Walk): void {
  const card = selectedId(state);
  const first = explorer.scene.cards.get(card)?.shape.columns[0];
  if (first) actions.select({ card, column: first.name });
}

export function zoomBy(stage: Stage | null, factor: number): void {
  stage?.look(zoomAt(stage.view, { x: stage.size.width / 2, y: stage.size.height / 2 }, factor));
}

/** Move the view only if the card is not wholly on screen. */
export function bringIntoSight(stage: Stage | null, id: string): void {
  const card = stage?.scene.cards.get(id);
  if (!stage || !card) return;
  const corner = toScreen(stage.view, card);
  const far = toScreen(stage.view, { x: card.x + CARD_WIDTH, y: card.y + card.shape.height });
  const isInSight = corner.x >= 0 && corner.y >= 0 && far.x <= stage.size.width && far.y <= stage.size.height;
  if (isInSight) return;
  stage.look(centreOn(stage.view, { x: card.x + CARD_WIDTH / 2, y: card.y + card.shape.height / 2 }, stage.size));
}
