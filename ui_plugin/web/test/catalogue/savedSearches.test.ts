import { beforeEach, describe, expect, it } from "vitest";
import { readSaved, withSaved, writeSaved } from "../../src/pages/catalogue/savedSearches";

describe("saved searches", () => {
  beforeEach(() => localStorage.clear());

  it("come back by name, each name once", () => {
    const first = withSaved([], { name: "mine", query: "owner=me" });
    writeSaved(
      localStorage,
      withSaved(withSaved(first, { name: "gold", query: "tag=gold" }), { name: "mine", query: "q=a" }),
    );
    expect(readSaved(localStorage)).toEqual([
      { name: "gold", query: "tag=gold" },
      { name: "mine", query: "q=a" },
    ]);
  });

  it.each(["{", "7", '[{"name": 1}]'])("are none where %s was kept", (text) => {
    localStorage.setItem("nexus.saved-searches", text);
    expect(readSaved(localStorage)).toEqual([]);
  });
});
