/** Walking the graph with the keyboard: where an arrow leads from the selected card or column. */
import type { GraphModel, Port } from "../graph/model";
import { isColumnLink } from "../graph/model";
import type { Scene } from "../graph/scene";
import { rowCentre } from "../graph/shape";
import type { Beside } from "./neighbours";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export function isArrow(key: string): key is Arrow {
  return ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key);
}

/** Left and right follow lineage, up and down stay in the column of cards, or among a card's columns. */
export function stepFrom(
  at: Port,
  arrow: Arrow,
  scene: Scene,
  model: GraphModel,
  beside: Map<string, Beside>,
): Port | null {
  const isSideways = arrow === "ArrowLeft" || arrow === "ArrowRight";
  if (!isSideways) return at.column === null ? nextCard(at, arrow, scene) : nextColumn(at, arrow, scene);
  const side = arrow === "ArrowLeft" ? "upstream" : "downstream";
  return at.column === null ? nearestBeside(at, side, scene, beside) : linkedColumn(at, side, scene, model);
}

function nextColumn(at: Port, arrow: Arrow, scene: Scene): Port | null {
  const columns = scene.cards.get(at.card)?.shape.columns ?? [];
  const index = columns.findIndex((column) => column.name === at.column);
  const next = columns[index + (arrow === "ArrowDown" ? 1 : -1)];
  return next ? { card: at.card, column: next.name } : null;
}

function nextCard(at: Port, arrow: Arrow, scene: Scene): Port | null {
  const from = scene.cards.get(at.card);
  if (!from) return null;
  const sign = arrow === "ArrowDown" ? 1 : -1;
  const [next] = [...scene.cards.entries()]
    .filter(([, card]) => card.layer === from.layer && (card.y - from.y) * sign > 0)
    .sort(([, a], [, b]) => (a.y - b.y) * sign);
  return next ? { card: next[0], column: null } : null;
}

function nearestBeside(at: Port, side: keyof Beside, scene: Scene, beside: Map<string, Beside>): Port | null {
  const y = scene.cards.get(at.card)?.y ?? 0;
  const near = (id: string) => Math.abs((scene.cards.get(id)?.y ?? 0) - y);
  const [next] = [...(beside.get(at.card)?.[side] ?? [])]
    .filter((id) => scene.cards.has(id))
    .sort((a, b) => near(a) - near(b));
  return next === undefined ? null : { card: next, column: null };
}

function linkedColumn(at: Port, side: keyof Beside, scene: Scene, model: GraphModel): Port | null {
  const [from, to] = side === "upstream" ? (["target", "source"] as const) : (["source", "target"] as const);
  const height = (port: Port) => {
    const card = scene.cards.get(port.card);
    return card ? card.y + rowCentre(card.shape, port.column) : Number.POSITIVE_INFINITY;
  };
  const [next] = model.links
    .filter(isColumnLink)
    .filter((link) => link[from].card === at.card && link[from].column === at.column && scene.cards.has(link[to].card))
    .map((link) => link[to])
    .sort((a, b) => Math.abs(height(a) - height(at)) - Math.abs(height(b) - height(at)));
  return next ?? null;
}
