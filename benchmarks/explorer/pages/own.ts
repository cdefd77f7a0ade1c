/** Our graph: the explorer's own layout, scene and stage, columns of all cards shown. */
import { Stage } from "../../../ui_plugin/web/src/graph/canvas/Stage";
import { traceCard } from "../../../ui_plugin/web/src/graph/closure";
import type { LayoutReply } from "../../../ui_plugin/web/src/graph/layout/layout.worker";
import type { Layout, LayoutInput } from "../../../ui_plugin/web/src/graph/layout/types";
import { type GraphModel, linkedColumns, mergeAnswers } from "../../../ui_plugin/web/src/graph/model";
import { type Marks, NO_OVERLAY } from "../../../ui_plugin/web/src/graph/paint/marks";
import { readPalette } from "../../../ui_plugin/web/src/graph/paint/palette";
import { composeScene } from "../../../ui_plugin/web/src/graph/scene";
import { CARD_WIDTH, cardsInOrder, shapeOf } from "../../../ui_plugin/web/src/graph/shape";
import { centreOn, zoomAt } from "../../../ui_plugin/web/src/graph/view";
import { type Graph, type Page, painted } from "./page";

const NAMESPACE = "postgres://bench";
const canvas = document.createElement("canvas");
canvas.style.cssText = "display:block;width:100vw;height:100vh";
document.body.append(canvas);
const marks: Marks = {
  root: "",
  selected: null,
  selectedLink: null,
  hovered: null,
  hoveredCurve: null,
  lit: null,
  overlay: NO_OVERLAY,
  more: new Map(),
};
const stage = new Stage(canvas, marks, readPalette(canvas));
stage.resize({ width: innerWidth, height: innerHeight });
let model: GraphModel;

const idOf = (table: string) => `dataset:${NAMESPACE}:${table}`;

function modelOf(graph: Graph): GraphModel {
  const fieldId = (table: string, field: string) => `datasetField:${NAMESPACE}:${table}:${field}`;
  const tables = graph.tables.map(({ id, columns }) => ({
    ...{ id: idOf(id), kind: "dataset" as const, namespace: NAMESPACE, name: id, stale: false },
    ...{ platform: "postgres", field_count: columns.length },
  }));
  const fields = graph.tables.flatMap(({ id, columns }) =>
    columns.map((field, ordinal) => ({
      ...{ id: fieldId(id, field), kind: "datasetField" as const, namespace: NAMESPACE, name: id, field, ordinal },
      ...{ type: "text", stale: false },
    })),
  );
  const edges = graph.links.map(([source, from, target, to]) => ({
    ...{ source: fieldId(source, from), target: fieldId(target, to), kind: "DIRECT" as const, inferred: false },
  }));
  return mergeAnswers([{ nodes: [...tables, ...fields], edges, truncated: false }]);
}

function layOut(input: LayoutInput): Promise<Layout> {
  const worker = new Worker("layout.worker.js", { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = (message: MessageEvent<LayoutReply>) => {
      worker.terminate();
      resolve(message.data.layout);
    };
    worker.postMessage({ id: 1, input });
  });
}

const page: Page = {
  async open(graph) {
    model = modelOf(graph);
    const display = {
      ...{ showColumns: true, root: "", open: new Set<string>(), allColumns: new Map(), filters: new Map() },
      ...{ pages: new Map(), trace: null, linked: linkedColumns(model) },
    };
    const shapes = new Map(cardsInOrder(model.cards.values()).map((card) => [card.id, shapeOf(card, display)]));
    const boxes = [...shapes].map(([id, shape]) => ({ id, width: CARD_WIDTH, height: shape.height }));
    const arcs = model.links.map(({ source, target }) => ({ source: source.card, target: target.card }));
    const begun = performance.now();
    const layout = await layOut({ boxes, arcs });
    const placed = performance.now();
    stage.show(composeScene(model, shapes, layout, { x: 0, y: 0 }));
    stage.fit();
    await painted();
    const done = performance.now();
    const places = Object.fromEntries(
      layout.places.map(({ id, x, y }) => [id.slice(idOf("").length), { x, y, height: shapes.get(id)?.height ?? 0 }]),
    );
    return { layout: placed - begun, paint: done - placed, places };
  },
  look(how) {
    if (how === "overview") return stage.fit();
    const { x, y, width, height } = stage.scene.bounds;
    stage.look(centreOn({ x: 0, y: 0, scale: 0.6 }, { x: x + width / 2, y: y + height / 2 }, stage.size));
  },
  panBy(dx, dy) {
    stage.look({ ...stage.view, x: stage.view.x + dx, y: stage.view.y + dy });
  },
  zoomBy(factor) {
    stage.look(zoomAt(stage.view, { x: innerWidth / 2, y: innerHeight / 2 }, factor));
  },
  select(id) {
    const lit = traceCard(model, idOf(id), { upstream: true, downstream: true });
    stage.mark({ ...marks, selected: { card: idOf(id), column: null }, lit });
  },
};
window.measured = page;
