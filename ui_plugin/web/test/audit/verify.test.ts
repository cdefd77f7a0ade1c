import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/api/types";
import { fromHex, type Hash, isBeginning, joined, leafHash, rootBy, sha256, toHex } from "../../src/pages/audit/merkle";
import { isSignedBy, readNote, readTrusted } from "../../src/pages/audit/notes";
import { verdictOf } from "../../src/pages/audit/ProofPanel";
import { type Asking, verifyRecord } from "../../src/pages/audit/verify";

/** Made by nexus_core's own signer: trees of five and seven records under the key of the bytes 0 to 31. */
const KEY = "lineage-nexus+15703369+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const OLD =
  "lineage-nexus\n5\nJ/FE4ABvfmAyR+BWMh5sSdX4fWl7BjoF805Hj5BiT2c=\ntime 2026-11-30T07:00:00+00:00\n\n— lineage-nexus FXAzac9SJSC907gEbcnrDCeet8iSt2eDkX4cSe04d3knfaSyCx+2S/t5XgTG0mhr2BDPm/2+k1BjdqAZTNIyApPseQc=\n";
const NEW =
  "lineage-nexus\n7\nkhigpY+d3fh7N364S2x7lsoYWegLHsxf3m55Lq006OQ=\ntime 2026-11-30T07:00:00+00:00\n\n— lineage-nexus FXAzaSmYcaTprMLVMUzH2y8SjNd0FSKhXsm6gRMxInH/e08micAIhdh7+panGCHr7XT4iPFlPs2ShNzgR9kUhRsOmAg=\n";
const THIRD = {
  record: '{"seq":3,"writer":"api ü"}',
  proof: [
    "99c9e5263089da87a86611a1754a7c85539827856bfbb9d12a9791648e94dc2c",
    "0d78b2e26a30f4edbcb0d8bda509f85d3f90d59f709b8208852fe318d4613d3b",
    "40367abd144f8abc7daf1c95455877de0b6febd327941acdfbfef0f9e3d9c637",
  ],
};
const SIXTH = {
  record: '{"seq":6,"writer":"api ü"}',
  proof: [
    "72ae811e748c76175495324583bee2734d6392ef60c706382141ba936c99d2ca",
    "660390de930f63e356137dac5522d2b88feab11c392f5a12b864e12221328e73",
  ],
};
const GROWTH = [
  "40367abd144f8abc7daf1c95455877de0b6febd327941acdfbfef0f9e3d9c637",
  "0d6f1c912228378198330d2ecc471649cffd3c74e73c168e422ab967375c1d3b",
  "ede81b3d00196d613b60580934f6f4f6523a6e72286b10fbf5af0ef750df9272",
  "660390de930f63e356137dac5522d2b88feab11c392f5a12b864e12221328e73",
];

/** The tree as RFC 6962 §2.1 defines it. */
async function rootOf(leaves: Hash[]): Promise<Hash> {
  if (leaves.length === 1) return leaves[0] as Hash;
  const split = splitOf(leaves.length);
  return sha256(joined(Uint8Array.of(1), await rootOf(leaves.slice(0, split)), await rootOf(leaves.slice(split))));
}

function splitOf(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1);
}

async function pathOf(at: number, leaves: Hash[]): Promise<Hash[]> {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  if (at < split) return [...(await pathOf(at, left)), await rootOf(right)];
  return [...(await pathOf(at - split, right)), await rootOf(left)];
}

async function growthOf(old: number, leaves: Hash[], isWhole = true): Promise<Hash[]> {
  if (old === leaves.length) return isWhole ? [] : [await rootOf(leaves)];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  if (old <= split) return [...(await growthOf(old, left, isWhole)), await rootOf(right)];
  return [...(await growthOf(old - split, right, false)), await rootOf(left)];
}

const sizes = fc.integer({ min: 1, max: 33 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
const leavesOf = (count: number) => Promise.all(Array.from({ length: count }, (_, at) => leafHash(`record ${at}`)));

describe("a tree's proofs", () => {
  it("lead from every leaf to the root, and from no other leaf or place", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([size, at]) => {
        const leaves = await leavesOf(size);
        const [root, path] = [toHex(await rootOf(leaves)), await pathOf(at, leaves)];
        const lead = async (leaf: Hash, place: number, proof: Hash[]) => {
          const led = await rootBy(leaf, place, size, proof);
          return led === null ? null : toHex(led);
        };
        expect(await lead(leaves[at] as Hash, at, path)).toBe(root);
        expect(await lead(await leafHash("another"), at, path)).not.toBe(root);
        expect(await lead(leaves[at] as Hash, at, [...path, await leafHash("more")])).toBeNull();
        if (size > 1) expect(await lead(leaves[at] as Hash, at, path.slice(1))).not.toBe(root);
      }),
      { numRuns: 40 },
    );
  });

  it("show that one tree is the beginning of another, and of no other one", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([size, at]) => {
        const [leaves, first] = [await leavesOf(size), at + 1];
        const old = { size: first, root: await rootOf(leaves.slice(0, first)) };
        const grown = { size, root: await rootOf(leaves) };
        const proof = await growthOf(first, leaves);
        expect(await isBeginning(old, grown, proof)).toBe(true);
        expect(await isBeginning({ ...old, root: await leafHash("x") }, grown, proof)).toBe(false);
        expect(await isBeginning(old, { ...grown, root: await leafHash("x") }, proof)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a signed checkpoint", () => {
  it("is read as its signer writes it, and its signature is checked", async () => {
    const { keys, checkpoints } = await readTrusted(`${OLD}\n\nkey ${KEY}\n${NEW}`);
    expect(checkpoints.map((each) => each.size)).toEqual([5, 7]);
    const [key] = keys;
    if (!key) throw new Error("no key");
    expect(await Promise.all(checkpoints.map((each) => isSignedBy(each, key)))).toEqual([true, true]);
    const changed = readNote(OLD.replace("\n5\n", "\n6\n"));
    expect(await isSignedBy(changed, key)).toBe(false);
  });

  it.each(["nonsense", "a\n5\nnot base64!\ntime x\n\n\u2014 a b\n", "key a+00+AA=="])(
    "is refused: %j",
    async (text) => {
      await expect(readTrusted(text)).rejects.toThrow();
    },
  );
});

function recordOf(text: string, position: number): AuditRecord {
  const { writer, seq } = JSON.parse(text);
  const rest = { at: "", personal: {}, erased: [], target: {} };
  return { writer, seq, position, ...rest } as unknown as AuditRecord;
}

const ask: Asking = {
  proof: async (size) => {
    const of = size === 5 ? THIRD : SIXTH;
    const leaf = toHex(await leafHash(of.record));
    const position = size === 5 ? 3 : 6;
    return { ...of, position, size: size ?? 7, leaf, checkpoint: size === 5 ? OLD : NEW };
  },
  growth: async (first, second) => ({
    first,
    second,
    proof: GROWTH,
    first_checkpoint: OLD,
    second_checkpoint: NEW,
  }),
};

describe("a record", () => {
  it("is proven by a checkpoint that covers it, and by one from which the log goes on", async () => {
    const trusted = await readTrusted(`key ${KEY}\n${OLD}`);
    for (const record of [recordOf(THIRD.record, 3), recordOf(SIXTH.record, 6)]) {
      const steps = await verifyRecord(record, trusted, ask);
      expect(steps.map((step) => step.holds)).toEqual([true, true, true, true]);
      expect(verdictOf(steps)).toContain("Proven");
    }
  });

  it("is only consistent without a checkpoint of one's own", async () => {
    const steps = await verifyRecord(recordOf(SIXTH.record, 6), { keys: [], checkpoints: [] }, ask);
    expect(steps.map((step) => step.holds)).toEqual([true, true, null, null]);
    expect(verdictOf(steps)).toContain("not proven");
  });

  it("that was changed fails", async () => {
    const changed: Asking = {
      ...ask,
      proof: async (size) => {
        const proof = await ask.proof(size);
        const record = proof.record.replace("}", ',"x":1}');
        return { ...proof, record, leaf: toHex(await leafHash(record)) };
      },
    };
    const trusted = await readTrusted(`key ${KEY}\n${OLD}`);
    expect(verdictOf(await verifyRecord(recordOf(THIRD.record, 3), trusted, changed))).toContain("fails");
    const other = recordOf(THIRD.record.replace("3", "2"), 3);
    expect(verdictOf(await verifyRecord(other, trusted, ask))).toContain("fails");
  });

  it("fails where the log is another than that of the checkpoint", async () => {
    const [forged] = (await readTrusted(OLD)).checkpoints;
    if (!forged) throw new Error("no checkpoint");
    const trusted = { keys: [], checkpoints: [{ ...forged, root: fromHex("00".repeat(32)) }] };
    for (const record of [recordOf(THIRD.record, 3), recordOf(SIXTH.record, 6)]) {
      expect(verdictOf(await verifyRecord(record, trusted, ask))).toContain("fails");
    }
  });
});
