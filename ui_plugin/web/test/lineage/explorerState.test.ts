import { describe, expect, it } from "vitest";
import { decodeAsset, encodeAsset } from "../../src/lineage/assetRef";
import { type ExplorerState, readState, startAt, writeState } from "../../src/lineage/explorerState";
import { stepBack } from "../../src/lineage/walk";

const ROOT = { kind: "dataset" as const, namespace: "postgres://h:5432", name: 'shop."Odd, näme%".t' };
const FULL: ExplorerState = {
  root: ROOT,
  selected: { kind: "dataset", namespace: "kafka://b", name: "a,b~c%2C" },
  field: "e=mail&x",
  link: "a\nb",
  direction: "upstream",
  depth: 50,
  asOf: "2026-11-01T08:30:00Z",
  compare: "2026-10-01T00:00:00Z",
  knownAt: "2026-11-02T00:00:01Z",
  time: true,
  indirect: true,
  focus: true,
  view: "groups",
  filters: { platform: ["postgres", "kafka"], owner: ["team:a&b"] },
  panel: true,
  overlay: "classes",
  open: ["dataset:x:y", "dataset:x:z"],
  expanded: [{ side: "downstream", namespace: "n,s", name: "t" }],
};

describe("the explorer's URL", () => {
  it.each([
    ["plain", startAt(ROOT)],
    ["full", FULL],
  ])("brings back the %s view", (_, state) => {
    expect(readState(new URLSearchParams(writeState(state).toString()))).toEqual(state);
  });

  it("of a plain view names only the asset", () => {
    expect([...writeState(startAt(ROOT)).keys()]).toEqual(["namespace", "name"]);
  });

  it("falls back where it makes no sense", () => {
    const state = readState(
      new URLSearchParams("namespace=n&name=t&depth=999&direction=up&selected=%25&expand=x&as_of=soon"),
    );
    expect(state).toEqual(startAt({ kind: "dataset", namespace: "n", name: "t" }));
  });

  it("takes a bare day at its end, and any offset to UTC", () => {
    const asOf = (text: string) => readState(new URLSearchParams({ namespace: "n", name: "t", as_of: text }))?.asOf;
    expect(asOf("2026-11-02")).toBe("2026-11-02T23:59:59Z");
    expect(asOf("2026-11-02T10:00:00.5+02:00")).toBe("2026-11-02T08:00:00Z");
  });

  it("without an asset tells no view", () => {
    expect(readState(new URLSearchParams("name=t"))).toBeNull();
  });

  it("refuses an asset that it did not write", () => {
    expect(decodeAsset("dataset,a")).toBeNull();
    expect(decodeAsset("dataset,a,%E0%A4%A")).toBeNull();
    expect(decodeAsset(encodeAsset(ROOT))).toEqual(ROOT);
  });
});

describe("Esc", () => {
  it("steps back one thing at a time", () => {
    const steps = [FULL];
    for (let n = 0; n < 4; n++) steps.push(stepBack(steps.at(-1) ?? FULL));
    expect(steps.map((state) => [state.focus, state.link, state.field, state.selected === null])).toEqual([
      [true, FULL.link, FULL.field, false],
      [false, FULL.link, FULL.field, false],
      [false, null, FULL.field, false],
      [false, null, null, false],
      [false, null, null, true],
    ]);
  });
});
