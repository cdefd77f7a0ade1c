import { describe, expect, it } from "vitest";
import { paperOf, toCsv, toSvg } from "../../src/graph/export";
import { hitTest } from "../../src/graph/hit";
import { layOut } from "../../src/graph/layout/layered";
import { linkedColumns, mergeAnswers } from "../../src/graph/model";
import { type Marks, NO_OVERLAY } from "../../src/graph/paint/marks";
import type { Palette } from "../../src/graph/paint/palette";
import { packed } from "../../src/graph/paint/stencil";
import { toPdf } from "../../src/graph/pdf";
import { composeScene } from "../../src/graph/scene";
import { CARD_WIDTH, type Display, HEADER_HEIGHT, ROW_HEIGHT, shapeOf } from "../../src/graph/shape";
import { fieldAnswer, tableId, tableNode } from "./answers";

const answer = fieldAnswer("a.x > b.x", "b.x > c.x");
answer.nodes.push(tableNode("a", { field_count: 3 }), tableNode("b"), tableNode("c"));
const model = mergeAnswers([answer]);

const display: Display = {
  showColumns: true,
  root: tableId("a"),
  open: new Set(),
  allColumns: new Map(),
  filters: new Map(),
  pages: new Map(),
  trace: null,
  linked: linkedColumns(model),
};

const marks: Marks = {
  root: tableId("a"),
  selected: null,
  selectedLink: null,
  hovered: null,
  hoveredCurve: null,
  lit: null,
  overlay: NO_OVERLAY,
  more: new Map([[tableId("c"), { upstream: 0, downstream: 4 }]]),
};

const palette = new Proxy({} as Palette, { get: (_, name) => `#${String(name)}` });

function sceneOf(look: Display) {
  const shapes = new Map([...model.cards.values()].map((card) => [card.id, shapeOf(card, look)]));
  const boxes = [...shapes].map(([id, shape]) => ({ id, width: CARD_WIDTH, height: shape.height }));
  const arcs = model.links.map(({ source, target }) => ({ source: source.card, target: target.card }));
  return composeScene(model, shapes, layOut({ boxes, arcs }), { x: 100, y: 50 });
}

describe("scene", () => {
  it("joins columns that are in sight, and cards where they are not", () => {
    expect(sceneOf(display).curves.map((curve) => curve.isTable)).toEqual([false, false]);
    expect(sceneOf({ ...display, showColumns: false }).curves.map((curve) => curve.isTable)).toEqual([true, true]);
  });

  it("says how many columns a closed card has", () => {
    expect(sceneOf(display).cards.get(tableId("a"))?.shape.footer?.text).toBe("1 of 3 columns");
  });

  it("pages and filters an open card, and keeps a traced column in sight", () => {
    const columns = Array.from({ length: 40 }, (_, n) => ({ name: `c${n}`, type: null, ordinal: n }));
    const trace = {
      cards: new Set<string>(),
      links: new Set<string>(),
      columns: new Map([[tableId("a"), new Set(["c39"])]]),
    };
    const card = model.cards.get(tableId("a"));
    const open = { ...display, open: new Set([tableId("a")]), allColumns: new Map([[tableId("a"), columns]]) };
    if (!card) throw new Error("no card");
    expect(shapeOf(card, open).footer?.text).toBe("1–16 of 40 columns");
    expect(shapeOf(card, { ...open, filters: new Map([[card.id, "c2"]]) }).columns).toHaveLength(11);
    expect(shapeOf(card, { ...open, trace }).columns.at(-1)?.name).toBe("c39");
  });

  it("finds cards, columns, expansion and curves under the pointer", () => {
    const scene = sceneOf(display);
    const a = scene.cards.get(tableId("a"));
    const c = scene.cards.get(tableId("c"));
    if (!a || !c) throw new Error("no card");
    const row = { x: a.x + 20, y: a.y + HEADER_HEIGHT + 3 + ROW_HEIGHT / 2 };
    expect(hitTest(scene, marks, { x: a.x + 20, y: a.y + 10 }, 5)).toEqual({ kind: "card", card: a.shape.card.id });
    expect(hitTest(scene, marks, row, 5)).toEqual({ kind: "column", card: a.shape.card.id, column: "x" });
    expect(hitTest(scene, marks, { x: c.x + CARD_WIDTH + 15, y: c.y + HEADER_HEIGHT / 2 }, 5)).toMatchObject({
      side: "downstream",
    });
    expect(hitTest(scene, marks, { x: a.x + CARD_WIDTH + 3, y: row.y }, 5)).toMatchObject({ kind: "curve" });
    expect(hitTest(scene, marks, { x: -500, y: -500 }, 5)).toBeNull();
  });
});

describe("export", () => {
  it("draws every card and curve as SVG, escaped", () => {
    const svg = toSvg(sceneOf(display), marks, palette, (text) => text.length * 6);
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(svg.match(/<path /g)).toHaveLength(2);
    expect(svg).toContain(">x</text>");
  });

  it("draws it as PDF whose table tells where its objects begin", async () => {
    const scene = sceneOf(display);
    const pdf = await toPdf(scene, marks, palette, (text) => text.length * 6, paperOf(scene.bounds));
    const text = new TextDecoder("latin1").decode(await pdf.arrayBuffer());
    const begins = [...text.matchAll(/^(\d{10}) 00000 n /gm)].map((row) => Number(row[1]));
    expect(begins.map((at, index) => text.slice(at).startsWith(`${index + 1} 0 obj`))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(text.slice(Number(/startxref\n(\d+)/.exec(text)?.[1]))).toMatch(/^xref/);
  });

  it("draws names in other scripts through stencils in the PDF, with their text", async () => {
    const scene = sceneOf(display);
    const [card] = scene.cards.values();
    if (card) card.shape = { ...card.shape, card: { ...card.shape.card, name: "продажи" } };
    const bits = new Uint8Array([0b10100000]);
    const stencil = () => ({ width: 3, height: 1, bits, drawn: { width: 3, height: 1 } });
    const pdf = await toPdf(scene, marks, palette, (text) => text.length * 6, paperOf(scene.bounds), stencil);
    const text = new TextDecoder("latin1").decode(await pdf.arrayBuffer());
    expect(text).toContain("/XObject << /T0 5 0 R >>");
    expect(text).toContain("/Width 3 /Height 1 /ImageMask true");
  });

  it("packs covered dots into bits, each row from a new byte", () => {
    const covered = [255, 0, 200, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 0];
    const rgba = new Uint8ClampedArray(covered.flatMap((alpha) => [0, 0, 0, alpha]));
    expect([...packed(rgba, 9, 2)]).toEqual([0b10100000, 0b10000000, 0b01000000, 0]);
  });

  it("writes a row a link, harmless to spreadsheets", () => {
    const tricky = fieldAnswer("a.x > b.x");
    tricky.edges.push({ ...tricky.edges[0], source: "none", target: "none", kind: "DIRECT", inferred: false });
    Object.assign(tricky.edges[0] ?? {}, { expression: '=sum("x"), 1' });
    const rows = toCsv(mergeAnswers([tricky]))
      .trimEnd()
      .split("\r\n");
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain(`"'=sum(""x""), 1"`);
  });
});
