/** Where in an event the reason of a dead letter points, and what a person can do about it. */
import type { DeadLetter } from "../../api/types";

/** The JSON path that a reason begins with or names, such as `$.run.runId`; null if it names none. */
export function pathIn(reason: string): string | null {
  return /\$(?:\.[A-Za-z_][\w-]*|\[\d+\])+/.exec(reason)?.[0] ?? null;
}

/** The keys of a path, outermost first. */
export function keysOf(path: string): (string | number)[] {
  const parts = path.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]/g);
  return [...parts].map(([, name, index]) => name ?? Number(index));
}

/** Start and end of the value at a path within the text that `JSON.stringify(value, null, 2)` gives; null if none is. */
export function spanOf(value: unknown, path: string): [number, number] | null {
  const marked = withMark(value, keysOf(path));
  if (marked === undefined) return null;
  const text = JSON.stringify(marked.value, null, 2);
  const start = text.indexOf(JSON.stringify(MARK));
  return start < 0 ? null : [start, start + indented(marked.found, marked.depth).length];
}

const MARK = "\u0000here\u0000";

interface Marked {
  value: unknown;
  found: unknown;
  depth: number;
}

function withMark(value: unknown, keys: (string | number)[], depth = 0): Marked | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return { value: MARK, found: value, depth };
  if (typeof value !== "object" || value === null || !(key in value)) return undefined;
  const inner = withMark((value as Record<string | number, unknown>)[key], rest, depth + 1);
  if (inner === undefined) return undefined;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  (copy as Record<string | number, unknown>)[key] = inner.value;
  return { ...inner, value: copy };
}

function indented(value: unknown, depth: number): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${"  ".repeat(depth)}`);
}

/** What to do about a letter, in a sentence. */
export function adviceFor(letter: Pick<DeadLetter, "quarantined" | "reason">): string {
  if (letter.quarantined) {
    return "Replay it if its time is right: it then counts as if it had come now. Discard it if nobody should believe it.";
  }
  if (pathIn(letter.reason)) return "Edit what is marked, or have its producer send a right one and discard this one.";
  if (/parse|memory|second/i.test(letter.reason)) {
    return "Replay it: what was stopped for time or memory may succeed when there is less to do.";
  }
  return "Mend the cause, then replay it; or edit it; or discard it with a reason.";
}

/** Line and column, counted from 1, of an offset. */
export function lineAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
