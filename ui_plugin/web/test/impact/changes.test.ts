import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { impactAddress } from "../../src/app/addresses";
import {
  blankChange,
  type ChangeKind,
  type DraftChange,
  draftsOf,
  KINDS,
  missingOf,
  readAsked,
  requestOf,
  writeAsked,
} from "../../src/impact/changes";

const SPACE = "postgres://db:5432";
const orders = (kind: ChangeKind, part: Partial<DraftChange> = {}): DraftChange => ({
  ...blankChange(kind),
  namespace: SPACE,
  name: "shop.public.orders",
  ...part,
});

describe("changes in the URL", () => {
  it("come back as they were written", () => {
    const text = fc.string({ maxLength: 40 });
    const kind = fc.constantFrom(...(Object.keys(KINDS) as ChangeKind[]));
    const change = fc.record({ kind, namespace: text, name: text, field: text, to: text, sql: text });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        (changes, depth) => {
          const params = new URLSearchParams(writeAsked(changes, depth)?.toString());
          expect(readAsked(params)).toEqual({ changes, depth });
        },
      ),
    );
  });

  it("are left out where they are too long for a link", () => {
    expect(writeAsked([orders("replace_sql", { sql: "x".repeat(10_000) })])).toBeNull();
  });

  it("are forgiven what makes no sense", () => {
    const params = new URLSearchParams("change=nonsense&change=a,b,c,d,e,f&depth=400");
    expect(readAsked(params)).toEqual({ changes: [], depth: 20 });
  });

  it("begin with a column, or the asset, that goes", () => {
    const asset = { namespace: SPACE, name: "shop.public.orders" };
    const read = (address: string) => readAsked(new URLSearchParams(address.split("?")[1])).changes;
    expect(read(impactAddress(asset, "amount"))).toEqual([orders("drop_field", { field: "amount" })]);
    expect(read(impactAddress(asset))).toEqual([orders("drop_dataset")]);
  });
});

describe("a change", () => {
  it("says what is missing", () => {
    expect(missingOf(blankChange())).toBe("Choose an asset.");
    expect(missingOf(orders("drop_field"))).toBe("Choose a column.");
    expect(missingOf(orders("rename_field", { field: "a" }))).toBe("Fill in: new name.");
    expect(missingOf(orders("replace_sql", { sql: "  " }))).toBe("Write the new SQL.");
    expect(missingOf(orders("drop_dataset"))).toBeNull();
  });

  it("is asked with only what its kind needs, and read back", () => {
    const left = orders("drop_field", { field: " amount ", to: "forgotten", sql: "select 1" });
    const asked = requestOf([left], 5);
    const parts = { kind: "drop_field", namespace: SPACE, name: "shop.public.orders", field: "amount" };
    expect(asked).toEqual({ changes: [parts], depth: 5 });
    expect(draftsOf(asked)).toEqual([orders("drop_field", { field: "amount" })]);
  });
});
