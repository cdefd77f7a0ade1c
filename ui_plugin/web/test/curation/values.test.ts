import { describe, expect, it } from "vitest";
import { curatedValue, listValue, namesIn, wordsOf } from "../../src/curation/values";

describe("lists", () => {
  it("keep what is added and what is hidden, on top of what others say", () => {
    expect(listValue(null, ["a", "b"], ["b", "c"])).toEqual({ add: ["c"], remove: ["a"] });
    expect(listValue({ add: ["c"], remove: ["a"] }, ["b", "c"], ["a", "b"])).toEqual({ add: ["a"], remove: ["c"] });
    expect(listValue({ add: ["c"] }, ["b", "c"], ["b", "c"])).toEqual({ add: ["c"] });
  });

  it("are nothing where nothing is added or hidden", () => {
    expect(listValue(null, ["a"], ["a"])).toBeNull();
  });

  it("are read from names parted by commas, each once", () => {
    expect(namesIn(" team:a, b ,,b ")).toEqual(["team:a", "b"]);
  });
});

describe("values", () => {
  it("of one word or text are null where it is empty", () => {
    expect(curatedValue("description", "  ", null, [])).toBeNull();
    expect(curatedValue("domain", " sales ", null, [])).toEqual({ name: "sales" });
  });

  it("of a certification keep its note", () => {
    const kept = { state: "certified", note: "checked" };
    expect(curatedValue("certification", "warning", kept, [])).toEqual({ state: "warning", note: "checked" });
  });

  it("are told in words", () => {
    expect(wordsOf({ add: ["a", "b"] })).toBe("add: a, b");
    expect(wordsOf(null)).toBe("nothing");
  });
});
