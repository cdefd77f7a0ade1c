/** A mask of a policy in words: `null`, or `partial, keep first 1`. */
export function maskWords(mask: string | { kind: string }): string {
  if (typeof mask === "string") return mask;
  const { kind, ...parameters } = mask;
  return [kind, ...Object.entries(parameters).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`)].join(
    ", ",
  );
}
