import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hopsDownstream } from "../../src/graph/closure";
import { applyFilters, countValues } from "../../src/graph/filter";
import { collapse, groupId, groupsOf } from "../../src/graph/groups";
import { type GraphModel, mergeAnswers } from "../../src/graph/model";
import { fieldAnswer, tableId, tableNode } from "./answers";

/** raw.a → core.b → core.c → mart.d, and raw.a → mart.e; platform and owner are told of each. */
function chain(): GraphModel {
  const answer = fieldAnswer();
  const names = ["raw.a", "core.b", "core.c", "mart.d", "mart.e"];
  answer.nodes = names.map((name, index) =>
    tableNode(name, { platform: index === 0 ? "mysql" : "postgres", owners: index > 2 ? ["team"] : [] }),
  );
  answer.edges = [
    ["raw.a", "core.b"],
    ["core.b", "core.c"],
    ["core.c", "mart.d"],
    ["raw.a", "mart.e"],
  ].map(([from = "", to = ""]) => ({ source: tableId(from), target: tableId(to), kind: "DATASET", inferred: false }));
  return mergeAnswers([answer]);
}

describe("filters", () => {
  it("join what is left through what is left out, and say through how much", () => {
    const left = applyFilters(chain(), { owner: ["team"] }, [tableId("raw.a")]);
    expect([...left.cards.keys()]).toEqual([tableId("raw.a"), tableId("mart.d"), tableId("mart.e")]);
    expect(left.links.map((link) => [link.source.card, link.target.card, link.via])).toEqual([
      [tableId("raw.a"), tableId("mart.e"), undefined],
      [tableId("raw.a"), tableId("mart.d"), 2],
    ]);
  });

  it("ask all names, and any value of one", () => {
    const wanted = { platform: ["mysql", "postgres"], owner: ["team"] };
    expect(applyFilters(chain(), wanted, []).cards.size).toBe(2);
    expect(applyFilters(chain(), { ...wanted, tag: ["gold"] }, []).cards.size).toBe(0);
    expect(countValues(chain(), "platform")).toEqual([
      ["postgres", 4],
      ["mysql", 1],
    ]);
  });

  it("keep exactly what reaches what", () => {
    const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 });
    fc.assert(
      fc.property(edges, fc.subarray([...Array(10).keys()]), (pairs, teams) => {
        const answer = fieldAnswer();
        answer.nodes = [...Array(10).keys()].map((n) =>
          tableNode(`t${n}`, { owners: teams.includes(n) ? ["team"] : [] }),
        );
        answer.edges = pairs.map(([from, to]) => ({
          ...{ source: tableId(`t${from}`), target: tableId(`t${to}`) },
          ...{ kind: "DATASET" as const, inferred: false },
        }));
        const whole = mergeAnswers([answer]);
        const left = applyFilters(whole, { owner: ["team"] }, []);
        return [...left.cards.keys()].every((id) => {
          const reached = [...hopsDownstream(whole, id).keys()].filter((other) => left.cards.has(other)).sort();
          return [...hopsDownstream(left, id).keys()].sort().join() === reached.join();
        });
      }),
    );
  });
});

describe("groups", () => {
  it("stand for the assets of a schema and join as they do", () => {
    const model = chain();
    const grouped = collapse(model, groupsOf(model, []));
    expect([...grouped.cards.values()].map((card) => [card.name, card.members.length])).toEqual([
      ["raw (postgres://shop)", 1],
      ["core (postgres://shop)", 2],
      ["mart (postgres://shop)", 2],
    ]);
    expect(grouped.links).toHaveLength(3);
  });

  it("show the assets of one that is open", () => {
    const model = chain();
    const grouped = collapse(model, groupsOf(model, [groupId("core (postgres://shop)")]));
    expect(grouped.cards.has(tableId("core.b"))).toBe(true);
    expect(grouped.cards.size).toBe(4);
    expect(grouped.links).toHaveLength(4);
  });

  it("are of a domain where one is known", () => {
    const model = chain();
    for (const card of model.cards.values()) card.domain = "sales";
    expect(collapse(model, groupsOf(model, [])).cards.size).toBe(1);
  });
});

describe("an impact", () => {
  it("counts hops", () => {
    expect([...hopsDownstream(chain(), tableId("core.b"))]).toEqual([
      [tableId("core.b"), 0],
      [tableId("core.c"), 1],
      [tableId("mart.d"), 2],
    ]);
  });
});
