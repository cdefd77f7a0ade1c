/** Cuts text to a width. */

export type Measure = (text: string, font: string) => number;

const CACHE_LIMIT = 20_000;
const cache = new Map<string, string>();

/** The text, or the longest start of it that fits with an ellipsis. */
export function fitText(text: string, font: string, width: number, measure: Measure): string {
  const key = `${font}|${Math.round(width)}|${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size > CACHE_LIMIT) cache.clear();
  const fitted = measure(text, font) <= width ? text : cut(text, font, width, measure);
  cache.set(key, fitted);
  return fitted;
}

function cut(text: string, font: string, width: number, measure: Measure): string {
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (measure(`${text.slice(0, middle)}…`, font) <= width) fits = middle;
    else tooLong = middle;
  }
  return `${text.slice(0, fits)}…`;
}
