/** What people type about an asset, and the values that the API keeps of it. */

export type Facet = "description" | "owners" | "tags" | "domain" | "certification";
export type Value = Record<string, unknown> | null;

/** Names from a text in which commas part them. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(",").map((name) => name.trim()))].filter(Boolean);
}

/** What must be kept so that `wanted` shows where `shown` does now, on top of what is kept already. */
export function listValue(kept: Value, shown: readonly string[], wanted: readonly string[]): Value {
  const added = wanted.filter((name) => !shown.includes(name));
  const removed = shown.filter((name) => !wanted.includes(name));
  const add = [...listOf(kept, "add").filter((name) => !removed.includes(name)), ...added];
  const remove = [...listOf(kept, "remove").filter((name) => !added.includes(name)), ...removed];
  if (add.length === 0 && remove.length === 0) return null;
  return { ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) };
}

function listOf(value: Value, key: "add" | "remove"): string[] {
  const list = value?.[key];
  return Array.isArray(list) ? list.filter((name): name is string => typeof name === "string") : [];
}

/** The value of a facet from its text; an empty text takes back what was curated. */
export function curatedValue(facet: Facet, text: string, kept: Value, shown: readonly string[]): Value {
  if (facet === "owners" || facet === "tags") return listValue(kept, shown, namesIn(text));
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (facet === "description") return { text: trimmed };
  if (facet === "domain") return { name: trimmed };
  const note = kept?.note;
  return { state: trimmed, ...(typeof note === "string" ? { note } : {}) };
}

/** A value in words, for its history. */
export function wordsOf(value: Value | undefined): string {
  if (value == null) return "nothing";
  return Object.entries(value)
    .map(([key, part]) => `${key}: ${Array.isArray(part) ? part.join(", ") : String(part)}`)
    .join("; ");
}
