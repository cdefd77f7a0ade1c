/** What a harvest tells of columns in facets of its own (nexus_core/model/facets.py); what has another form is left out. */
import type { DatasetDetail } from "../../../api/types";

type Facets = DatasetDetail["facets"];

export interface ForeignKey {
  fields: string[];
  to: { namespace: string; name: string; fields: string[] };
}

export interface Rule {
  name: string;
  sql: string;
}

export interface Constraints {
  unique: string[][];
  foreignKeys: ForeignKey[];
  checks: Rule[];
  indexes: Rule[];
}

export function constraintsOf(facets: Facets): Constraints {
  const said = mapping(facets.lineageNexus_constraints);
  return {
    unique: list(said.unique).map(texts),
    foreignKeys: list(said.foreign_keys).flatMap(foreignKeyOf),
    checks: list(said.checks).flatMap(ruleOf),
    indexes: list(said.indexes).flatMap(ruleOf),
  };
}

function foreignKeyOf(value: unknown): ForeignKey[] {
  const said = mapping(value);
  const to = mapping(said.to);
  if (typeof to.namespace !== "string" || typeof to.name !== "string") return [];
  return [{ fields: texts(said.fields), to: { namespace: to.namespace, name: to.name, fields: texts(to.fields) } }];
}

function ruleOf(value: unknown): Rule[] {
  const { name, sql } = mapping(value);
  return typeof sql === "string" ? [{ name: typeof name === "string" ? name : "", sql }] : [];
}

/** How a column gets its values, and how often a document has it: in words. */
export function originOf(facets: Facets, field: string): string[] {
  const said = mapping(mapping(mapping(facets.lineageNexus_columns).fields)[field]);
  return [
    said.identity ? "identity" : "",
    said.generated ? `generated: ${String(said.generated)}` : "",
    typeof said.default === "string" && !said.generated ? `default ${said.default}` : "",
    typeof said.presence === "number" && said.presence < 1 ? `in ${percent(said.presence)} of the documents` : "",
    ...Object.entries(mapping(said.types)).map(([type, share]) =>
      typeof share === "number" && share < 1 ? `${type} in ${percent(share)}` : "",
    ),
  ].filter(Boolean);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === "string");
}
