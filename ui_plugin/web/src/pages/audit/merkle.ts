/**
 * Checks proofs of the audit log's Merkle tree with the browser's own SHA-256 (RFC 6962 §2.1 for the hashes,
 * RFC 9162 §2.1.3.2 and §2.1.4.2 for checking).
 */

export type Hash = Uint8Array<ArrayBuffer>;

export function fromHex(text: string): Hash {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw new Error("it is no hex text");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export function joined(...parts: Uint8Array[]): Hash {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function sha256(bytes: Hash): Promise<Hash> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The hash of a leaf, of the text of a record. */
export function leafHash(record: string): Promise<Hash> {
  return sha256(joined(LEAF, new TextEncoder().encode(record)));
}

function nodeHash(left: Hash, right: Hash): Promise<Hash> {
  return sha256(joined(NODE, left, right));
}

/** A place in a level of the tree, and the last one there; numbers may be above 2³¹. */
class Climb {
  constructor(
    private at: number,
    private last: number,
  ) {}

  get isAtTop(): boolean {
    return this.last === 0;
  }

  /** Whether the next hash of a proof stands to the left. */
  get isRight(): boolean {
    return this.at % 2 === 1 || this.at === this.last;
  }

  up(): void {
    this.at = Math.floor(this.at / 2);
    this.last = Math.floor(this.last / 2);
  }

  /** Past the levels at which the last node stands alone. */
  upWhileAlone(): void {
    while (this.at % 2 === 0 && this.at !== 0) this.up();
  }

  upWhileRight(): void {
    while (this.at % 2 === 1) this.up();
  }
}

/** The root that a proof leads to from a leaf; null if the proof is too long or too short. */
export async function rootBy(leaf: Hash, position: number, size: number, proof: Hash[]): Promise<Hash | null> {
  if (position < 0 || position >= size) return null;
  const climb = new Climb(position, size - 1);
  let root = leaf;
  for (const step of proof) {
    if (climb.isAtTop) return null;
    if (climb.isRight) {
      root = await nodeHash(step, root);
      climb.upWhileAlone();
    } else {
      root = await nodeHash(root, step);
    }
    climb.up();
  }
  return climb.isAtTop ? root : null;
}

export interface Tree {
  size: number;
  root: Hash;
}

/** Whether a proof shows that one tree is the beginning of another. */
export async function isBeginning(old: Tree, grown: Tree, proof: Hash[]): Promise<boolean> {
  if (old.size < 1 || old.size > grown.size) return false;
  if (old.size === grown.size) return proof.length === 0 && areSame(old.root, grown.root);
  const isWhole = Number.isInteger(Math.log2(old.size));
  const [first, ...steps] = isWhole ? [old.root, ...proof] : proof;
  if (first === undefined) return false;
  const climb = new Climb(old.size - 1, grown.size - 1);
  climb.upWhileRight();
  let [oldRoot, grownRoot] = [first, first];
  for (const step of steps) {
    if (climb.isAtTop) return false;
    if (climb.isRight) {
      oldRoot = await nodeHash(step, oldRoot);
      grownRoot = await nodeHash(step, grownRoot);
      climb.upWhileAlone();
    } else {
      grownRoot = await nodeHash(grownRoot, step);
    }
    climb.up();
  }
  return climb.isAtTop && areSame(oldRoot, old.root) && areSame(grownRoot, grown.root);
}
