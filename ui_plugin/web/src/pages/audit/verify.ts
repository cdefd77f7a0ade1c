/** Checks the proof of one audit record step by step, against what the reader trusts. */
import type { AuditConsistency, AuditProof, AuditRecord } from "../../api/types";
import { areSame, fromHex, isBeginning, leafHash, rootBy } from "./merkle";
import { type Checkpoint, isSignedBy, readNote, type Trusted } from "./notes";

export interface Step {
  what: string;
  /** null: it cannot be known here. */
  holds: boolean | null;
  told: string;
}

/** Asks the API; a size asks for the tree of a checkpoint. */
export interface Asking {
  proof: (size?: number) => Promise<AuditProof>;
  growth: (first: number, second: number) => Promise<AuditConsistency>;
}

/** The checks of a record, in their order. The first that fails ends them; what the API refuses is thrown. */
export async function verifyRecord(record: AuditRecord, trusted: Trusted, ask: Asking): Promise<Step[]> {
  const own = newestOf(trusted.checkpoints);
  const covers = own !== undefined && record.position != null && record.position < own.size;
  const proof = await ask.proof(covers ? own.size : undefined);
  const told = readNote(proof.checkpoint);
  const steps = [await leafStep(record, proof), await pathStep(proof, told)];
  if (steps.some((step) => step.holds === false)) return steps;
  steps.push(await signatureStep(own ?? told, trusted));
  if (own) steps.push(covers ? trustedStep(told, own) : await growthStep(told, own, ask));
  else steps.push({ what: "Trusted checkpoint", holds: null, told: UNPROVEN });
  return steps;
}

const UNPROVEN =
  "Paste a checkpoint that is kept outside of this installation. Without one the record is consistent with what the server says now, and no more.";

function newestOf(checkpoints: Checkpoint[]): Checkpoint | undefined {
  return checkpoints.toSorted((one, other) => other.size - one.size)[0];
}

async function leafStep(record: AuditRecord, proof: AuditProof): Promise<Step> {
  const body = JSON.parse(proof.record) as Record<string, unknown>;
  const isOfRecord =
    body.writer === record.writer &&
    body.seq === record.seq &&
    body.action === record.action &&
    hasTarget(body, record);
  const isHash = areSame(await leafHash(proof.record), fromHex(proof.leaf));
  return {
    what: "Record",
    holds: isOfRecord && isHash,
    told: isOfRecord
      ? `Its hash is ${proof.leaf.slice(0, 16)}….`
      : "The proof is of another record than the one shown.",
  };
}

function hasTarget(body: Record<string, unknown>, record: AuditRecord): boolean {
  const target = (body.target ?? {}) as Record<string, string>;
  const names = new Set([...Object.keys(target), ...Object.keys(record.target)]);
  return body.outcome === record.outcome && [...names].every((name) => target[name] === record.target[name]);
}

async function pathStep(proof: AuditProof, told: Checkpoint): Promise<Step> {
  const root = await rootBy(fromHex(proof.leaf), proof.position, told.size, proof.proof.map(fromHex));
  const holds = root !== null && areSame(root, told.root);
  const led = `${proof.proof.length} hashes lead from leaf ${proof.position} of ${told.size}`;
  return { what: "Path", holds, told: holds ? `${led} to the root.` : `${led} elsewhere than to the root.` };
}

async function signatureStep(checkpoint: Checkpoint, { keys }: Trusted): Promise<Step> {
  const what = "Signature";
  if (keys.length === 0) {
    return { what, holds: null, told: "Paste the signer's line “key NAME+ID+KEY” (nexus audit key) to check it." };
  }
  const found = await Promise.all(keys.map((key) => isSignedBy(checkpoint, key)));
  if (found.includes(true)) return { what, holds: true, told: "A key that you gave signed the checkpoint (Ed25519)." };
  if (found.includes(null)) return { what, holds: null, told: "This browser knows no Ed25519: check it elsewhere." };
  return { what, holds: false, told: "None of the keys that you gave signed the checkpoint." };
}

function trustedStep(told: Checkpoint, own: Checkpoint): Step {
  const holds = told.origin === own.origin && told.size === own.size && areSame(told.root, own.root);
  return {
    what: "Trusted checkpoint",
    holds,
    told: holds ? `The root is that of your checkpoint of ${own.size} records.` : "Your checkpoint has another root.",
  };
}

async function growthStep(told: Checkpoint, own: Checkpoint, ask: Asking): Promise<Step> {
  const growth = await ask.growth(own.size, told.size);
  const holds = told.origin === own.origin && (await isBeginning(own, told, growth.proof.map(fromHex)));
  const newer = `The record is newer than your checkpoint of ${own.size} records`;
  return {
    what: "Trusted checkpoint",
    holds,
    told: holds ? `${newer}, from which the log goes on.` : `${newer}, and the log does not go on from it.`,
  };
}
