/** Small API answers for tests. */
import type { GraphAnswer, GraphEdge, GraphNode } from "../../src/api/types";

const NAMESPACE = "postgres://shop";

export function fieldId(table: string, column: string): string {
  return `datasetField:${NAMESPACE}:${table}:${column}`;
}

export function tableId(table: string): string {
  return `dataset:${NAMESPACE}:${table}`;
}

export function tableNode(table: string, more: Partial<GraphNode> = {}): GraphNode {
  return {
    id: tableId(table),
    kind: "dataset",
    namespace: NAMESPACE,
    name: table,
    platform: "postgres",
    stale: false,
    ...more,
  };
}

/** A field-level answer from edges written as `table.column > table.column`. */
export function fieldAnswer(...texts: string[]): GraphAnswer {
  const pairs = texts.map((text) => text.split(" > "));
  const names = [...new Set(pairs.flat())];
  const nodes = names.map((name): GraphNode => {
    const [table = "", field = ""] = name.split(".");
    return { id: fieldId(table, field), kind: "datasetField", namespace: NAMESPACE, name: table, field, stale: false };
  });
  const idOf = (name = "") => fieldId(...(name.split(".") as [string, string]));
  const edges = pairs.map(
    ([source, target]): GraphEdge => ({
      source: idOf(source),
      target: idOf(target),
      kind: "DIRECT",
      subtype: "IDENTITY",
      inferred: false,
    }),
  );
  return { nodes, edges, truncated: false };
}
