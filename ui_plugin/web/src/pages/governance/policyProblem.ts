import type { PolicyReading } from "../../api/types";

/** What is wrong with a document and where; null for one that could be read. */
export function problemWords({ problem, path, line }: PolicyReading): string | null {
  if (problem == null) return null;
  if (line != null) return `Line ${line}: ${problem}`;
  return path == null || path === "$" ? problem : `${path}: ${problem}`;
}
