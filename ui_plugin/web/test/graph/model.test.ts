import { describe, expect, it } from "vitest";
import { restrict, traceCard, traceColumn } from "../../src/graph/closure";
import { columnsInOrder, linkedColumns, mergeAnswers, splitName } from "../../src/graph/model";
import { fieldAnswer, fieldId, tableId, tableNode } from "./answers";

const BOTH = { upstream: true, downstream: true };

describe("merged answers", () => {
  it("join fields and datasets into cards, once each", () => {
    const tables = { nodes: [tableNode("a", { field_count: 9 }), tableNode("b")], edges: [], truncated: false };
    const fields = fieldAnswer("a.x > b.x", "a.y > b.y");
    const model = mergeAnswers([tables, fields, fields]);
    expect([...model.cards.keys()]).toEqual([tableId("a"), tableId("b")]);
    expect(model.cards.get(tableId("a"))?.fieldCount).toBe(9);
    expect(model.links).toHaveLength(2);
    expect([...(linkedColumns(model).get(tableId("a")) ?? [])]).toEqual(["x", "y"]);
  });

  it("say that any of them was cut", () => {
    expect(mergeAnswers([fieldAnswer("a.x > b.x"), { ...fieldAnswer(), truncated: true }]).truncated).toBe(true);
  });

  it("keep a hidden group as a card that tells nothing", () => {
    const hidden = { id: "hidden:1", kind: "hidden" as const, stale: false };
    const edge = { source: "hidden:1", target: tableId("a"), kind: "DATASET" as const, inferred: false };
    const model = mergeAnswers([{ nodes: [tableNode("a"), hidden], edges: [edge], truncated: false }]);
    expect(model.cards.get("hidden:1")).toMatchObject({ kind: "hidden", name: "" });
    expect(model.links).toHaveLength(1);
  });

  it("end an indirect link at the whole card", () => {
    const answer = fieldAnswer("a.x > b.x");
    answer.nodes.push(tableNode("b"));
    answer.edges.push({
      source: fieldId("a", "x"),
      target: tableId("b"),
      kind: "INDIRECT",
      subtype: "FILTER",
      inferred: false,
    });
    expect(mergeAnswers([answer]).links[1]?.target).toEqual({ card: tableId("b"), column: null });
  });
});

describe("closure", () => {
  const model = mergeAnswers([
    fieldAnswer("raw.a > stg.a", "raw.b > stg.b", "stg.a > mart.a", "stg.b > mart.c", "oth.z > mart.c"),
  ]);

  it("of a column follows that column only", () => {
    const closure = traceColumn(model, { card: tableId("stg"), column: "a" }, BOTH);
    expect([...closure.columns].map(([card, names]) => [card, [...names]])).toEqual([
      [tableId("stg"), ["a"]],
      [tableId("raw"), ["a"]],
      [tableId("mart"), ["a"]],
    ]);
  });

  it("is the union of both ways, not the connected component", () => {
    const closure = traceCard(model, tableId("stg"), BOTH);
    expect(closure.cards.has(tableId("oth"))).toBe(false);
    expect(closure.cards.size).toBe(3);
  });

  it("goes one way when asked", () => {
    const closure = traceColumn(model, { card: tableId("mart"), column: "c" }, { upstream: true, downstream: false });
    expect([...closure.cards]).toEqual([tableId("mart"), tableId("stg"), tableId("oth"), tableId("raw")]);
  });

  it("restricts a model to what a column touches", () => {
    const closure = traceColumn(model, { card: tableId("raw"), column: "a" }, BOTH);
    const part = restrict(model, closure);
    expect(part.cards.size).toBe(3);
    expect(part.links).toHaveLength(2);
  });

  it("ends on a cycle", () => {
    const cycle = mergeAnswers([fieldAnswer("a.x > b.x", "b.x > a.x")]);
    expect(traceColumn(cycle, { card: tableId("a"), column: "x" }, BOTH).cards.size).toBe(2);
  });
});

describe("names", () => {
  it("are divided at the last dot, those of dashboards and topics not", () => {
    expect(splitName("shop.core.orders")).toEqual({ title: "orders", prefix: "shop.core" });
    expect(splitName("crm.contacts", "topic")).toEqual({ title: "crm.contacts", prefix: "" });
  });

  it("of columns stand in the order of the table", () => {
    const answer = fieldAnswer("t.b > u.b", "t.a > u.a");
    const ordinals: Record<string, number> = { b: 1, a: 2 };
    for (const node of answer.nodes) node.ordinal = ordinals[node.field ?? ""] ?? 0;
    const card = mergeAnswers([answer]).cards.get(tableId("t"));
    expect(card && columnsInOrder(card).map((column) => column.name)).toEqual(["b", "a"]);
  });
});
