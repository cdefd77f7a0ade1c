/** What differs between two texts, word by word. */

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Beyond so many words on a side the middle is taken as one piece: the table of the comparison would be too large. */
const MOST_WORDS = 1_500;

/** The longest common subsequence of words and signs (Wagner and Fischer 1974), after equal ends are set aside. */
export function diffOf(before: string, after: string): Piece[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const head = sharedHead(old, now);
  const tail = sharedHead(old.slice(head).reverse(), now.slice(head).reverse());
  const middle = changed(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  return joined([
    { kind: "same", text: old.slice(0, head).join("") },
    ...middle,
    { kind: "same", text: old.slice(old.length - tail).join("") },
  ]);
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_$]+|\s+|[^\p{L}\p{N}_$\s]/gu) ?? [];
}

function sharedHead(a: readonly string[], b: readonly string[]): number {
  const least = Math.min(a.length, b.length);
  let at = 0;
  while (at < least && a[at] === b[at]) at += 1;
  return at;
}

function changed(old: readonly string[], now: readonly string[]): Piece[] {
  if (old.length > MOST_WORDS || now.length > MOST_WORDS) {
    return [
      { kind: "removed", text: old.join("") },
      { kind: "added", text: now.join("") },
    ];
  }
  const width = now.length + 1;
  const lengths = commonLengths(old, now, width);
  const pieces: Piece[] = [];
  let [at, to] = [0, 0];
  while (at < old.length || to < now.length) {
    const kind = nextKind(old[at], now[to], lengths[(at + 1) * width + to], lengths[at * width + to + 1]);
    pieces.push({ kind, text: (kind === "added" ? now[to] : old[at]) ?? "" });
    if (kind !== "added") at += 1;
    if (kind !== "removed") to += 1;
  }
  return pieces;
}

/** Which way leaves more in common; `lengths` are those after skipping a word of the old or of the new text. */
function nextKind(old: string | undefined, now: string | undefined, skipOld = 0, skipNow = 0): Piece["kind"] {
  if (old === now) return "same";
  if (old === undefined) return "added";
  return now === undefined || skipOld >= skipNow ? "removed" : "added";
}

/** Length of the common subsequence of what is left from each pair of places on. */
function commonLengths(old: readonly string[], now: readonly string[], width: number): Uint16Array {
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let at = old.length - 1; at >= 0; at -= 1) {
    for (let to = now.length - 1; to >= 0; to -= 1) {
      const further = (lengths[(at + 1) * width + to + 1] ?? 0) + 1;
      const skipped = Math.max(lengths[(at + 1) * width + to] ?? 0, lengths[at * width + to + 1] ?? 0);
      lengths[at * width + to] = old[at] === now[to] ? further : skipped;
    }
  }
  return lengths;
}

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces.filter(({ text }) => text !== "")) {
    const last = all.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else all.push({ ...piece });
  }
  return all;
}
