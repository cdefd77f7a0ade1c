/** What an impact answer says, counted and ordered for people. */
import type { ImpactAnswer, ImpactAsset, Verdict } from "../api/types";

export const VERDICTS: readonly Verdict[] = ["breaks", "unknown", "changes", "safe"];

export const VERDICT_WORDS: Record<Verdict, { label: string; many: string; colour: string; means: string }> = {
  breaks: { label: "Breaks", many: "break", colour: "red", means: "A server refuses it, or what it reads is gone." },
  unknown: {
    label: "Not known",
    many: "are not known",
    colour: "orange",
    means: "It cannot be judged; nothing is guessed.",
  },
  changes: {
    label: "Changes silently",
    many: "change silently",
    colour: "yellow",
    means: "It runs, and does something else than before.",
  },
  safe: { label: "Safe", many: "are safe", colour: "gray", means: "It does the same as before." },
};

export function countsOf(assets: readonly ImpactAsset[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { breaks: 0, unknown: 0, changes: 0, safe: 0 };
  for (const { verdict } of assets) counts[verdict] += 1;
  return counts;
}

/** Somebody to tell, and what of theirs is concerned. */
export interface Person {
  name: string;
  isOwner: boolean;
  assetCount: number;
  readCount: number;
  worst: Verdict;
}

/** Owners and readers of what is not safe: by reads, then by number of assets, owners before readers of as many. */
export function peopleOf(assets: readonly ImpactAsset[]): Person[] {
  const people = new Map<string, Person>();
  for (const asset of assets.filter(({ verdict }) => verdict !== "safe")) {
    for (const owner of asset.owners) add(people, owner, true, asset.use_count, asset.verdict);
    for (const { account, count } of asset.users) add(people, account ?? "others", false, count, asset.verdict);
  }
  return [...people.values()].sort(
    (a, b) =>
      b.readCount - a.readCount ||
      b.assetCount - a.assetCount ||
      Number(b.isOwner) - Number(a.isOwner) ||
      a.name.localeCompare(b.name),
  );
}

function add(people: Map<string, Person>, name: string, isOwner: boolean, reads: number, verdict: Verdict): void {
  const key = `${isOwner} ${name}`;
  const known = people.get(key) ?? { name, isOwner, assetCount: 0, readCount: 0, worst: verdict };
  const worst = VERDICTS.indexOf(verdict) < VERDICTS.indexOf(known.worst) ? verdict : known.worst;
  people.set(key, { ...known, assetCount: known.assetCount + 1, readCount: known.readCount + reads, worst });
}

/** One asset in two answers; null where an answer does not reach it. */
export interface ComparedAsset {
  id: string;
  here: Verdict | null;
  there: Verdict | null;
}

/** All assets of two answers, those that differ first, the worst first. */
export function compared(here: ImpactAnswer, there: ImpactAnswer): ComparedAsset[] {
  const of = (answer: ImpactAnswer) => new Map(answer.assets.map(({ id, verdict }) => [id, verdict]));
  const [left, right] = [of(here), of(there)];
  const ids = [...new Set([...left.keys(), ...right.keys()])];
  const rows = ids.map((id) => ({ id, here: left.get(id) ?? null, there: right.get(id) ?? null }));
  const weight = ({ here: a, there: b }: ComparedAsset) => (a === b ? VERDICTS.length : 0) + Math.min(rank(a), rank(b));
  return rows.sort((a, b) => weight(a) - weight(b) || a.id.localeCompare(b.id));
}

function rank(verdict: Verdict | null): number {
  return verdict === null ? VERDICTS.length : VERDICTS.indexOf(verdict);
}

/** The name in an id such as `dataset:NAMESPACE:NAME`; the namespace may hold colons. */
export function nameOfId(id: string): string {
  return id === "hidden" ? "hidden" : id.slice(id.lastIndexOf(":") + 1);
}

/** What is shown of an asset: its kind, and its name. */
export function titleOfAsset({ id, dataset }: ImpactAsset): { kind: string; name: string } {
  const kind = id.slice(0, id.indexOf(":"));
  if (kind === "check" && dataset) return { kind, name: dataset.name };
  return { kind, name: kind === "dataset" && dataset ? dataset.name : nameOfId(id) };
}
