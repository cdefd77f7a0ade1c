import { describe, expect, it } from "vitest";
import { isLocal, namesIn, vouchedBy } from "../../src/pages/admin/people";

describe("people", () => {
  it("are vouched for here or by a provider", () => {
    expect([isLocal({ issuer: "user" }), isLocal({ issuer: "oidc:https://idp" })]).toEqual([true, false]);
    expect(vouchedBy({ issuer: "oidc:https://idp.example.org/realms/main" })).toBe(
      "OpenID Connect, https://idp.example.org/realms/main",
    );
    expect(vouchedBy({ issuer: "saml:urn:idp" })).toBe("SAML, urn:idp");
  });

  it("have groups that are written with commas", () => {
    expect(namesIn(" stewards, ,analysts,stewards")).toEqual(["stewards", "analysts"]);
  });
});
