/** Splits SQL for colouring only: comments, strings, numbers and the words that shape a statement. */

export interface Token {
  kind: "comment" | "string" | "number" | "keyword" | "plain";
  text: string;
}

const WORDS =
  "add all alter and any as asc begin between by case cast commit create cross current declare delete desc distinct do drop else end except exists false filter first for from full function group having if in index inner insert intersect into is join language last lateral left like limit loop materialized merge natural not null nulls of offset on or order outer over partition primary procedure recursive references refresh replace return returns right row rows select set table temp temporary then true union unique update using values view when where while window with without";
const KEYWORDS = new Set(WORDS.split(" "));
const PIECE =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_][\w$]*)|("(?:[^"]|"")*"?|[\s\S])/g;
/** Longer text is shown without colours: it is not read line by line. */
const MOST_COLOURED = 200_000;

export function sqlTokens(text: string): Token[] {
  if (text.length > MOST_COLOURED) return [{ kind: "plain", text }];
  const tokens: Token[] = [];
  for (const [piece, comment, string, number, word] of text.matchAll(PIECE)) {
    const kind = kindOf(comment, string, number, word);
    const last = tokens.at(-1);
    if (last && last.kind === kind) last.text += piece;
    else tokens.push({ kind, text: piece });
  }
  return tokens;
}

function kindOf(comment?: string, string?: string, number?: string, word?: string): Token["kind"] {
  if (comment !== undefined) return "comment";
  if (string !== undefined) return "string";
  if (number !== undefined) return "number";
  return word !== undefined && KEYWORDS.has(word.toLowerCase()) ? "keyword" : "plain";
}
