import { describe, expect, it } from "vitest";
import { constraintsOf, originOf } from "../../src/pages/asset/columns/said";
import { branchesOf, visibleBranches } from "../../src/pages/asset/columns/tree";

const fields = ["id", "address", "address.city", "address.geo", "address.geo.lat", "odd.name"].map((name) => ({
  name,
}));

describe("nested fields", () => {
  it("stand below the field that holds them, and a dot alone nests nothing", () => {
    const told = branchesOf(fields).map(({ label, depth, hasInner }) => [label, depth, hasInner]);
    expect(told).toEqual([
      ["id", 0, false],
      ["address", 0, true],
      ["city", 1, false],
      ["geo", 1, true],
      ["lat", 2, false],
      ["odd.name", 0, false],
    ]);
  });

  it("are hidden with the field that holds them", () => {
    const seen = (closed: string) => visibleBranches(branchesOf(fields), new Set([closed])).map(({ label }) => label);
    expect(seen("address")).toEqual(["id", "address", "odd.name"]);
    expect(seen("address.geo")).toEqual(["id", "address", "city", "geo", "odd.name"]);
  });
});

describe("what a harvest tells of columns", () => {
  it("is read, and what has another form left out", () => {
    const key = { fields: ["a"], to: { namespace: "n", name: "t", fields: ["id"] } };
    const facets = {
      lineageNexus_constraints: {
        unique: [["a", 1]],
        foreign_keys: [key, { to: 1 }],
        checks: [{ name: "c", sql: "a > 0" }, {}],
      },
      lineageNexus_columns: { fields: { a: { identity: "always", presence: 0.5, default: "0", types: { int: 1 } } } },
    } as never;
    const none = { unique: [], foreignKeys: [], checks: [], indexes: [] };
    expect(constraintsOf(facets)).toEqual({
      ...none,
      unique: [["a"]],
      foreignKeys: [key],
      checks: [{ name: "c", sql: "a > 0" }],
    });
    expect(originOf(facets, "a")).toEqual(["identity", "default 0", "in 50 % of the documents"]);
    expect(constraintsOf({ lineageNexus_constraints: 3 } as never)).toEqual(none);
    expect(originOf({}, "a")).toEqual([]);
  });
});
