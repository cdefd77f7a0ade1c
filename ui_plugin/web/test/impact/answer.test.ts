import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImpactAnswer, ImpactAsset, Verdict } from "../../src/api/types";
import { compared, countsOf, nameOfId, peopleOf, titleOfAsset } from "../../src/impact/answer";
import { diffOf, type Piece } from "../../src/impact/diff";
import { impactCsv, impactMarkdown } from "../../src/impact/files";

const SPACE = "postgres://db:5432";

function asset(name: string, verdict: Verdict, said: Partial<ImpactAsset> = {}): ImpactAsset {
  return {
    id: `dataset:${SPACE}:${name}`,
    dataset: { namespace: SPACE, name },
    verdict,
    reason: { code: "unknown_column", message: "a | b is gone" },
    ...{ statement: null, start: null, end: null, path: [], owners: [], users: [], use_count: 0, patch: null },
    ...said,
  };
}

const answer = (...assets: ImpactAsset[]): ImpactAnswer => ({ assets, hidden: false, truncated: false });
const joined = (pieces: Piece[], kind: Piece["kind"]) =>
  pieces
    .filter((piece) => piece.kind === "same" || piece.kind === kind)
    .map(({ text }) => text)
    .join("");

describe("whom to tell", () => {
  it("goes by reads, and leaves out who has only what is safe", () => {
    const people = peopleOf([
      asset("a", "changes", { owners: ["team:sales"], users: [{ account: "ann", count: 12 }], use_count: 12 }),
      asset("b", "breaks", { owners: ["team:sales"], users: [{ account: null, count: 3 }], use_count: 3 }),
      asset("c", "safe", { owners: ["team:quiet"] }),
    ]);
    expect(people.map(({ name, readCount, assetCount, worst }) => [name, readCount, assetCount, worst])).toEqual([
      ["team:sales", 15, 2, "breaks"],
      ["ann", 12, 1, "changes"],
      ["others", 3, 1, "breaks"],
    ]);
  });
});

describe("an answer", () => {
  it("is counted by verdict, and compared asset by asset", () => {
    const here = answer(asset("a", "breaks"), asset("b", "safe"), asset("same", "breaks"));
    const there = answer(asset("a", "safe"), asset("c", "unknown"), asset("same", "breaks"));
    expect(countsOf(here.assets)).toEqual({ breaks: 2, unknown: 0, changes: 0, safe: 1 });
    expect(compared(here, there).map(({ id, ...verdicts }) => [nameOfId(id), verdicts.here, verdicts.there])).toEqual([
      ["a", "breaks", "safe"],
      ["c", null, "unknown"],
      ["b", "safe", null],
      ["same", "breaks", "breaks"],
    ]);
  });

  it("names checks by what they check", () => {
    expect(titleOfAsset({ ...asset("shop.orders", "breaks"), id: "check:9f" })).toEqual({
      kind: "check",
      name: "shop.orders",
    });
    expect(titleOfAsset({ ...asset("", "breaks"), id: "job:etl:daily.fill", dataset: null }).name).toBe("daily.fill");
  });
});

describe("files", () => {
  const asked = { changes: [{ kind: "drop_field" as const, namespace: SPACE, name: "t", field: "x" }], depth: 20 };
  const told = answer(
    asset("=cmd", "breaks", {
      statement: "select \u{1f600} x from t",
      start: 9,
      end: 10,
      patch: "select y AS x from t",
    }),
    asset("b", "safe"),
  );

  it("tell changes, numbers, places and patches", () => {
    const text = impactMarkdown(asked, told);
    expect(text).toContain("- Drop column x of t");
    expect(text).toContain("**1** break, **0** are not known, **0** change silently, **1** are safe.");
    expect(text).toContain("a \\| b is gone | `select \u{1f600} x from t`");
    expect(text).toContain("```sql\nselect y AS x from t\n```");
    expect(text).not.toContain("### Safe");
  });

  it("have a row an asset, and no formula", () => {
    expect(impactCsv(told).split("\r\n")).toHaveLength(4);
    expect(impactCsv({ ...told, assets: [{ ...asset("t", "safe"), id: "=1+1" }] })).toContain("'=1+1");
  });
});

describe("what a patch changes", () => {
  it("is told by words", () => {
    expect(diffOf("select amount from t", "select value AS amount from t")).toEqual([
      { kind: "same", text: "select " },
      { kind: "added", text: "value AS " },
      { kind: "same", text: "amount from t" },
    ]);
  });

  it("loses nothing of either text", () => {
    const words = fc.array(fc.constantFrom("select", " ", "a", "b", ",", "\n", "from"), { maxLength: 30 });
    fc.assert(
      fc.property(words, words, (before, after) => {
        const pieces = diffOf(before.join(""), after.join(""));
        expect(joined(pieces, "removed")).toBe(before.join(""));
        expect(joined(pieces, "added")).toBe(after.join(""));
      }),
    );
  });
});
