import { beforeEach, describe, expect, it } from "vitest";
import { isRepeatable, keepAct, type RefusedAct, stepUpAddress, takeAct } from "../../src/api/stepUp";

const ACT: RefusedAct = {
  method: "POST",
  path: "/api/v1/policies",
  body: '{"document":{}}',
  page: "/governance?tab=policies",
  stepUp: "/login/oidc/corporate?step_up=true",
  at: 1_000,
};

beforeEach(() => sessionStorage.clear());

describe("an act that needs a stronger sign-in", () => {
  it("leads there and back to its page", () => {
    const address = stepUpAddress("/nexus", ACT);
    expect(address).toBe("/nexus/login/oidc/corporate?step_up=true&next=%2Fgovernance%3Ftab%3Dpolicies");
  });

  it("is offered again once, and not for long", () => {
    keepAct(ACT);
    expect(takeAct(2_000)).toEqual(ACT);
    expect(takeAct(2_000)).toBeNull();
    keepAct(ACT);
    expect(takeAct(ACT.at + 3_600_000)).toBeNull();
  });

  it("keeps no secret", () => {
    for (const path of ["/api/v1/users", "/api/v1/users/acc_1/password", "/api/v1/tokens/own", "/api/v1/harvests"]) {
      const act = { ...ACT, path, body: '{"password":"correct horse"}' };
      keepAct(act);
      expect(JSON.stringify(sessionStorage)).not.toContain("correct horse");
      expect([isRepeatable(act), takeAct(2_000)?.body]).toEqual([false, null]);
    }
  });

  it("survives a store that somebody else wrote", () => {
    sessionStorage.setItem("nexus-refused-act", "{");
    expect(takeAct()).toBeNull();
    sessionStorage.setItem("nexus-refused-act", "{}");
    expect(takeAct()).toBeNull();
  });
});
