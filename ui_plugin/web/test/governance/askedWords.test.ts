import { describe, expect, it } from "vitest";
import { askedWords, endWords } from "../../src/pages/governance/askedWords";

describe("a request", () => {
  it("for a role tells which, where and until when", () => {
    const asked = { role: "steward", scope: [{ domains: ["sales"] }], expires_at: "2026-12-01T00:00:00Z" };
    expect(askedWords(asked)).toBe("the role steward on domains sales");
    expect(endWords(asked)).toBe("until 2026-12-01 00:00 UTC");
    expect(endWords({ role: "admin", scope: [{}], minutes: 30 })).toBe("for 30 minutes from the approval on");
  });

  it("for something else tells its values", () => {
    expect(askedWords({ a: "b", c: [1] })).toBe("a: b · c: [1]");
    expect(endWords({ a: "b" })).toBeNull();
  });
});
