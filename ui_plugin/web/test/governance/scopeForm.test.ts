import { describe, expect, it } from "vitest";
import { NO_LIMIT, scopeOf } from "../../src/pages/governance/scopeForm";

describe("a scope from a form", () => {
  it("is everything without a limit", () => {
    expect(scopeOf({ ...NO_LIMIT, domains: " , " })).toBeNull();
  });

  it("has the limits that are given", () => {
    const form = { ...NO_LIMIT, datasets: "postgres://*/shop.*, kafka://*", ceiling: " PII " };
    expect(scopeOf(form)).toEqual([{ datasets: ["postgres://*/shop.*", "kafka://*"], ceiling: "PII" }]);
  });
});
