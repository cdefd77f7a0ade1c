import { describe, expect, it } from "vitest";
import type { GraphAnswer, GraphEdge } from "../../src/api/types";
import { changeOfAll, compareModels, countChanges } from "../../src/graph/change";
import { mergeAnswers } from "../../src/graph/model";

const table = (name: string) => ({
  id: `dataset:n:${name}`,
  kind: "dataset" as const,
  namespace: "n",
  name,
  stale: false,
});
const column = (name: string, field: string, type: string) => ({
  ...table(name),
  id: `datasetField:n:${name}:${field}`,
  kind: "datasetField" as const,
  field,
  type,
});
const edge = (source: string, target: string, expression: string): GraphEdge => ({
  source: `datasetField:n:${source}`,
  target: `datasetField:n:${target}`,
  kind: "DIRECT",
  expression,
  inferred: false,
});
const graph = (nodes: GraphAnswer["nodes"], edges: GraphEdge[]) => mergeAnswers([{ nodes, edges, truncated: false }]);

const BEFORE = graph(
  [table("a"), column("a", "x", "int"), column("a", "old", "int"), table("t"), column("t", "x", "int")],
  [edge("a:x", "t:x", "x"), edge("a:old", "t:x", "old")],
);
const AFTER = graph(
  [table("a"), column("a", "x", "bigint"), table("b"), column("b", "y", "int"), table("t"), column("t", "x", "int")],
  [edge("a:x", "t:x", "x + 1"), edge("b:y", "t:x", "y")],
);

describe("two times of one graph", () => {
  const compared = compareModels(BEFORE, AFTER);

  it("keep what went beside what came", () => {
    const links = compared.links.map((link) => [link.source.card, link.source.column, link.change]);
    expect(links).toEqual([
      ["dataset:n:a", "x", "changed"],
      ["dataset:n:b", "y", "added"],
      ["dataset:n:a", "old", "removed"],
    ]);
    expect(countChanges(compared)).toEqual({ added: 1, removed: 1, changed: 1 });
  });

  it("tell what happened to cards and columns", () => {
    expect(compared.cards.get("dataset:n:b")?.change).toBe("added");
    expect(compared.cards.get("dataset:n:t")?.change).toBeUndefined();
    const columns = compared.cards.get("dataset:n:a")?.columns;
    expect(columns?.get("old")?.change).toBe("removed");
    expect(columns?.get("x")).toMatchObject({ change: "changed", type: "int \u2192 bigint" });
  });

  it("that are equal show no change", () => {
    const same = compareModels(AFTER, AFTER);
    expect(countChanges(same)).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(same).toEqual(AFTER);
  });

  it("make a curve of several links added only if all are", () => {
    expect(changeOfAll(compared.links)).toBe("changed");
    expect(changeOfAll(compared.links.filter((link) => link.change === "added"))).toBe("added");
  });
});
