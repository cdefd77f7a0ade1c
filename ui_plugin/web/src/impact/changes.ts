/** Changes that somebody means to make: what each kind needs, in words, and in the URL. */
import type { ImpactChange, ImpactRequest } from "../api/types";
import { decodeParts, encodeParts } from "../lineage/assetRef";

export type ChangeKind = ImpactChange["kind"];

/** A change as it is written down on the page; empty where nothing was said yet. */
export interface DraftChange {
  kind: ChangeKind;
  namespace: string;
  name: string;
  field: string;
  to: string;
  sql: string;
}

interface KindOfChange {
  label: string;
  /** Which parts it needs beside the asset. */
  needs: readonly ("field" | "to" | "sql")[];
  /** What `to` is. */
  toLabel?: string;
  /** The field is one that there is not yet. */
  isNewField?: true;
}

export const KINDS: Record<ChangeKind, KindOfChange> = {
  drop_field: { label: "Drop a column", needs: ["field"] },
  rename_field: { label: "Rename a column", needs: ["field", "to"], toLabel: "New name" },
  retype_field: { label: "Change a column's type", needs: ["field", "to"], toLabel: "New type" },
  add_field: { label: "Add a column", needs: ["field", "to"], toLabel: "Type", isNewField: true },
  set_not_null: { label: "Forbid NULL in a column", needs: ["field"] },
  drop_dataset: { label: "Drop the asset", needs: [] },
  rename_dataset: { label: "Rename the asset", needs: ["to"], toLabel: "New name" },
  replace_sql: { label: "Replace its SQL", needs: ["sql"] },
};

export const DEFAULT_DEPTH = 20;
/** A longer address is cut off by some servers and chats. */
const LONGEST_ADDRESS = 6_000;

export function blankChange(kind: ChangeKind = "drop_field"): DraftChange {
  return { kind, namespace: "", name: "", field: "", to: "", sql: "" };
}

/** What is still missing, in words; null where the change can be tried. */
export function missingOf(change: DraftChange): string | null {
  if (change.name === "") return "Choose an asset.";
  const { needs, toLabel } = KINDS[change.kind];
  if (needs.includes("field") && change.field.trim() === "") return "Choose a column.";
  if (needs.includes("to") && change.to.trim() === "") return `Fill in: ${toLabel?.toLowerCase() ?? "new value"}.`;
  return needs.includes("sql") && change.sql.trim() === "" ? "Write the new SQL." : null;
}

/** What is asked of the API: only the parts that each kind needs. */
export function requestOf(changes: readonly DraftChange[], depth: number): ImpactRequest {
  return { changes: changes.map(partsOf), depth };
}

function partsOf(change: DraftChange): ImpactChange {
  const needed = KINDS[change.kind].needs.map((part) => [part, part === "sql" ? change.sql : change[part].trim()]);
  return { kind: change.kind, namespace: change.namespace, name: change.name, ...Object.fromEntries(needed) };
}

export function draftsOf(request: ImpactRequest): DraftChange[] {
  return request.changes.map((change) => ({
    kind: change.kind,
    namespace: change.namespace,
    name: change.name,
    field: change.field ?? "",
    to: change.to ?? "",
    sql: change.sql ?? "",
  }));
}

/** "Rename column amount of shop.public.orders to value". */
export function changeWords({ kind, name, field, to }: DraftChange): string {
  const words: Record<ChangeKind, string> = {
    drop_field: `Drop column ${field} of ${name}`,
    rename_field: `Rename column ${field} of ${name} to ${to}`,
    retype_field: `Change column ${field} of ${name} to ${to}`,
    add_field: `Add column ${field} (${to}) to ${name}`,
    set_not_null: `Forbid NULL in column ${field} of ${name}`,
    drop_dataset: `Drop ${name}`,
    rename_dataset: `Rename ${name} to ${to}`,
    replace_sql: `Replace the SQL of ${name}`,
  };
  return words[kind];
}

export function encodeChange({ kind, namespace, name, field, to, sql }: DraftChange): string {
  return encodeParts([kind, namespace, name, field, to, sql]);
}

export function decodeChange(text: string): DraftChange | null {
  const [kind, namespace, name, field, to, sql] = decodeParts(text, 6) ?? [];
  if (kind === undefined || !(kind in KINDS) || namespace === undefined || name === undefined) return null;
  return { kind: kind as ChangeKind, namespace, name, field: field ?? "", to: to ?? "", sql: sql ?? "" };
}

/** The changes and depth that a URL tells. */
export function readAsked(params: URLSearchParams): { changes: DraftChange[]; depth: number } {
  const changes = params.getAll("change").flatMap((text) => decodeChange(text) ?? []);
  const depth = Number(params.get("depth"));
  return { changes, depth: Number.isInteger(depth) && depth >= 1 && depth <= 50 ? depth : DEFAULT_DEPTH };
}

/** Those parts of a URL; none where they are too long for one: such changes are kept as a scenario. */
export function writeAsked(changes: readonly DraftChange[], depth = DEFAULT_DEPTH): URLSearchParams | null {
  const params = new URLSearchParams(changes.map((change) => ["change", encodeChange(change)]));
  if (depth !== DEFAULT_DEPTH) params.set("depth", String(depth));
  return params.toString().length > LONGEST_ADDRESS ? null : params;
}
