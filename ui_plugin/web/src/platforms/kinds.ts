/** A dataset's kind in words: `VIEW:MATERIALIZED` and `materialized_view` are both a materialized view. */
export function kindWords(kind: string): string {
  return kind.toLowerCase().split(":").reverse().join(" ").replaceAll("_", " ");
}
