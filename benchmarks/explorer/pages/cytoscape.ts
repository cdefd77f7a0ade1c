/** The same graph in Cytoscape: cards in our places, one edge for each pair of tables, moved as a picture. */
import cytoscape from "cytoscape";
import { type Graph, type Page, pairsOf, painted, touchedBy } from "./page";

const WIDTH = 232;
const frame = document.body.appendChild(document.createElement("div"));
frame.style.cssText = "width:100vw;height:100vh";
let graph: Graph;
let cy: cytoscape.Core;

const page: Page = {
  async open(given, places) {
    graph = given;
    const begun = performance.now();
    const nodes = given.tables.map(({ id }) => {
      const { x, y, height } = places?.[id] ?? { x: 0, y: 0, height: 40 };
      return { data: { id, title: id, height }, position: { x: x + WIDTH / 2, y: y + height / 2 } };
    });
    const edges = pairsOf(given).map(([source, target]) => ({ data: { id: `${source} ${target}`, source, target } }));
    cy = cytoscape({
      container: frame,
      elements: [...nodes, ...edges],
      layout: { name: "preset" },
      textureOnViewport: true,
      minZoom: 0.004,
      style: [
        {
          selector: "node",
          style: {
            ...{ shape: "round-rectangle", width: WIDTH, height: "data(height)", label: "data(title)" },
            ...{ "text-valign": "center", "background-color": "#fff", "border-width": 1, "border-color": "#d3d9e2" },
          },
        },
        { selector: "edge", style: { width: 1.6, "line-color": "#a9b4c4", "curve-style": "bezier" } },
        { selector: ".faded", style: { opacity: 0.25 } },
      ],
    });
    await painted();
    cy.fit();
    await painted();
    return { layout: 0, paint: performance.now() - begun, places: places ?? {} };
  },
  look(how) {
    if (how === "overview") return void cy.fit();
    const { x1, y1, w, h } = cy.elements().boundingBox();
    cy.zoom(0.6);
    cy.pan({ x: innerWidth / 2 - (x1 + w / 2) * 0.6, y: innerHeight / 2 - (y1 + h / 2) * 0.6 });
  },
  panBy(dx, dy) {
    cy.panBy({ x: dx, y: dy });
  },
  zoomBy(factor) {
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: innerWidth / 2, y: innerHeight / 2 } });
  },
  select(id) {
    const lit = touchedBy(graph, id);
    cy.batch(() => {
      cy.elements().forEach((element) => {
        const ends = element.isNode() ? [element.id()] : [element.data("source"), element.data("target")];
        element.toggleClass("faded", !ends.every((end) => lit.has(end)));
      });
    });
  },
};
window.measured = page;
