import { describe, expect, it } from "vitest";
import { traceCard } from "../../src/graph/closure";
import { layOut } from "../../src/graph/layout/layered";
import type { Point } from "../../src/graph/layout/types";
import { type GraphModel, linkedColumns, mergeAnswers } from "../../src/graph/model";
import { type Marks, NO_OVERLAY } from "../../src/graph/paint/marks";
import { paintScene } from "../../src/graph/paint/paintScene";
import type { Palette } from "../../src/graph/paint/palette";
import type { BoxStyle, Pen, Stroke } from "../../src/graph/paint/pen";
import { composeScene } from "../../src/graph/scene";
import { CARD_WIDTH, shapeOf } from "../../src/graph/shape";
import { fieldAnswer, tableId } from "./answers";

/** Notes what is drawn. */
class Notes implements Pen {
  readonly strokes: { count: number; colour: string }[] = [];
  readonly texts: string[] = [];
  readonly fills: string[] = [];
  box(_x: number, _y: number, _width: number, _height: number, { fill }: BoxStyle): void {
    if (fill) this.fills.push(fill);
  }
  curves(lines: readonly (readonly Point[])[], { colour }: Stroke): void {
    this.strokes.push({ count: lines.length, colour });
  }
  polygons(): void {}
  text(text: string): void {
    this.texts.push(text);
  }
  fade(): void {}
}

const palette = new Proxy({} as Palette, { get: (_, name) => String(name) });
const marks: Marks = {
  ...{ root: "", selected: null, selectedLink: null, hovered: null, hoveredCurve: null },
  ...{ lit: null, overlay: NO_OVERLAY, more: new Map() },
};
const model = mergeAnswers([fieldAnswer("a.x > b.x", "a.y > b.y", "b.x > c.x", "q.x > r.x")]);

function sceneOf(from: GraphModel) {
  const display = {
    ...{ showColumns: true, root: "", open: new Set<string>(), allColumns: new Map(), filters: new Map() },
    ...{ pages: new Map(), trace: null, linked: linkedColumns(from) },
  };
  const shapes = new Map([...from.cards.values()].map((card) => [card.id, shapeOf(card, display)]));
  const boxes = [...shapes].map(([id, shape]) => ({ id, width: CARD_WIDTH, height: shape.height }));
  const arcs = from.links.map(({ source, target }) => ({ source: source.card, target: target.card }));
  return composeScene(from, shapes, layOut({ boxes, arcs }), { x: 0, y: 0 });
}

function painted(scale: number, more: Partial<Marks> = {}, from = model, seen = sceneOf(from).bounds): Notes {
  const pen = new Notes();
  paintScene(pen, sceneOf(from), { ...marks, ...more }, palette, scale, seen);
  return pen;
}

describe("painting", () => {
  it("joins columns close up, and tables from afar", () => {
    expect(painted(1).strokes.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect(painted(0.1).strokes.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it("writes names of columns only where they can be read, of cards a little further away", () => {
    expect(painted(1).texts).toContain("y");
    expect(painted(0.45).texts).not.toContain("y");
    expect(painted(0.45).texts).toContain("a");
    expect(painted(0.05).texts).toEqual([]);
  });

  it("draws what is lit over what is not", () => {
    const lit = traceCard(model, tableId("a"), { upstream: true, downstream: true });
    expect(painted(1, { lit }).strokes).toEqual([
      { count: 1, colour: "columnEdge" },
      { count: 3, colour: "lit" },
    ]);
  });

  it("leaves out what is not in sight", () => {
    expect(painted(1, {}, model, { x: -9e4, y: -9e4, width: 10, height: 10 }).fills).toEqual([]);
  });

  it("colours classes and impact", () => {
    const classified = mergeAnswers([fieldAnswer("a.x > b.x")]);
    for (const card of classified.cards.values()) card.classification = "PII";
    expect(painted(1, { overlay: { kind: "classes" } }, classified).fills).toContain("piiSoft");
    const hops = new Map([[tableId("b"), 1]]);
    const impact = painted(1, { overlay: { kind: "impact", hops, reached: 1 } });
    expect(impact.fills.filter((fill) => fill === "impactSoft")).toHaveLength(1);
    expect(impact.texts).toContain("1 hop on");
  });
});
