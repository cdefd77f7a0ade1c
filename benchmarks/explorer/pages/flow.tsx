/** The same graph in React Flow: cards in our places, one edge for each pair of tables. */
import { type Edge, type Node, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { memo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Handle, Position } from "@xyflow/react";
import { type Graph, type Page, pairsOf, painted, type Placed, touchedBy } from "./page";

const WIDTH = 232;
let instance: ReactFlowInstance;
let show: (nodes: Node[], edges: Edge[]) => void;
let graph: Graph;
let places: Placed;

const Card = memo(({ data }: { data: { title: string } }) => (
  <div className="card">
    <Handle type="target" position={Position.Left} />
    {data.title}
    <Handle type="source" position={Position.Right} />
  </div>
));
const nodeTypes = { card: Card };

function App() {
  const [{ nodes, edges }, set] = useState<{ nodes: Node[]; edges: Edge[] }>({ nodes: [], edges: [] });
  show = (newNodes, newEdges) => set({ nodes: newNodes, edges: newEdges });
  return (
    <ReactFlow
      {...{ nodes, edges, nodeTypes }}
      minZoom={0.004}
      onlyRenderVisibleElements
      nodesDraggable={false}
      onInit={(made) => {
        instance = made;
      }}
    />
  );
}

function draw(lit: Set<string> | null): void {
  const fade = (is: boolean) => ({ opacity: lit === null || is ? 1 : 0.25 });
  const nodes = graph.tables.map(({ id }) => ({
    ...{ id, type: "card", data: { title: id }, position: places[id] ?? { x: 0, y: 0 } },
    ...{ width: WIDTH, height: places[id]?.height ?? 40, style: fade(lit?.has(id) ?? false) },
  }));
  const edges = pairsOf(graph).map(([source, target]) => ({
    ...{ id: `${source} ${target}`, source, target, style: fade((lit?.has(source) && lit.has(target)) ?? false) },
  }));
  show(nodes, edges);
}

function centre(): { x: number; y: number } {
  const all = Object.values(places);
  const middle = (of: number[]) => (Math.min(...of) + Math.max(...of)) / 2;
  return { x: middle(all.map(({ x }) => x)), y: middle(all.map(({ y }) => y)) };
}

const page: Page = {
  async open(given, givenPlaces) {
    [graph, places] = [given, givenPlaces ?? {}];
    const begun = performance.now();
    draw(null);
    await painted();
    await instance.fitView();
    await painted();
    return { layout: 0, paint: performance.now() - begun, places };
  },
  look(how) {
    if (how === "overview") void instance.fitView();
    else void instance.setCenter(centre().x, centre().y, { zoom: 0.6 });
  },
  panBy(dx, dy) {
    const { x, y, zoom } = instance.getViewport();
    void instance.setViewport({ x: x + dx, y: y + dy, zoom });
  },
  zoomBy(factor) {
    void instance.zoomTo(instance.getZoom() * factor);
  },
  select(id) {
    draw(touchedBy(graph, id));
  },
};
window.measured = page;
createRoot(document.body.appendChild(document.createElement("div"))).render(<App />);
