/** Classes that protect what has them; a column that nobody has classified is `unknown`. */

export function isProtected(classification: string | null | undefined): classification is string {
  return classification != null && classification !== "Public" && classification !== "unknown";
}

/** The stricter of two classes, as far as the page knows their order: PII, any other that protects, Public, unknown. */
export function stricter(one: string | null, other: string | null): string | null {
  return strictness(other) > strictness(one) ? other : one;
}

function strictness(classification: string | null): number {
  if (classification === "PII") return 3;
  if (isProtected(classification)) return 2;
  return classification === "Public" ? 1 : 0;
}
