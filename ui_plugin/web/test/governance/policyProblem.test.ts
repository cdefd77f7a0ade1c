import { expect, it } from "vitest";
import { problemWords } from "../../src/pages/governance/policyProblem";

it("says what is wrong with a policy document, and where", () => {
  expect(problemWords({ tests: [], problem: "it is no YAML", line: 3, path: "$" })).toBe("Line 3: it is no YAML");
  expect(problemWords({ tests: [], problem: "Field required", path: "$.policies[0].mask" })).toBe(
    "$.policies[0].mask: Field required",
  );
  expect(problemWords({ tests: [], problem: null })).toBeNull();
});
