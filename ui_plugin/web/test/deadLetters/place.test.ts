import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adviceFor, keysOf, lineAt, pathIn, spanOf } from "../../src/pages/deadLetters/place";

const EVENT = { run: { runId: "no id" }, outputs: [{ name: "a" }, { name: "b", facets: { x: [1, 2] } }] };

describe("the place of an error", () => {
  it("is found in the reason", () => {
    expect(pathIn("$.outputs[1].name: it is empty")).toBe("$.outputs[1].name");
    expect(pathIn("it cannot be merged")).toBeNull();
    expect(keysOf("$.outputs[1].name")).toEqual(["outputs", 1, "name"]);
  });

  it("is marked in the text of the event", () => {
    const text = JSON.stringify(EVENT, null, 2);
    const marked = (path: string) => text.slice(...(spanOf(EVENT, path) ?? [0, 0]));
    expect(marked("$.run.runId")).toBe('"no id"');
    expect(JSON.parse(marked("$.outputs[1]"))).toEqual(EVENT.outputs[1]);
    expect(spanOf(EVENT, "$.outputs[9].name")).toBeNull();
  });

  it("holds the value there, whatever the event is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue()), (event) => {
        const text = JSON.stringify(event, null, 2);
        for (const [name, value] of Object.entries(event)) {
          const [start, end] = spanOf(event, `$.${name}`) ?? [0, 0];
          expect(JSON.stringify(JSON.parse(text.slice(start, end)))).toBe(JSON.stringify(value));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has a line and a column", () => {
    expect(lineAt("a\nbc", 3)).toEqual({ line: 2, column: 2 });
  });
});

describe("the advice", () => {
  it("depends on why the event waits", () => {
    expect(adviceFor({ quarantined: true, reason: "" })).toContain("Replay it if its time");
    expect(adviceFor({ quarantined: false, reason: "$.run: no" })).toContain("Edit what is marked");
    expect(adviceFor({ quarantined: false, reason: "other" })).toContain("Mend the cause");
  });
});
