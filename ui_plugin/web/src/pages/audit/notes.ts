/** Signed checkpoints (C2SP tlog-checkpoint and signed-note) and the keys that may sign them, as an auditor keeps them. */
import { areSame, fromHex, type Hash, joined, sha256, type Tree } from "./merkle";

export interface Signature {
  name: string;
  keyId: Hash;
  bytes: Hash;
}

export interface Checkpoint extends Tree {
  origin: string;
  /** What is signed. */
  text: string;
  signatures: Signature[];
}

export interface VerifierKey {
  name: string;
  id: Hash;
  key: Hash;
}

export interface Trusted {
  keys: VerifierKey[];
  checkpoints: Checkpoint[];
}

const DASH = "\u2014 ";
const ED25519 = 1;

/** What somebody pasted: lines `key NAME+ID+KEY` and notes, in any order. Raises an Error that says what is wrong. */
export async function readTrusted(pasted: string): Promise<Trusted> {
  const lines = pasted.split(/\r?\n/).map((line) => line.trimEnd());
  const keys = await Promise.all(
    lines.filter((line) => line.startsWith("key ")).map((line) => readKey(line.slice(4).trim())),
  );
  const notes = notesIn(lines.filter((line) => !line.startsWith("key ")));
  return { keys, checkpoints: notes.map(readNote) };
}

function notesIn(lines: string[]): string[] {
  const notes: string[] = [];
  let note: string[] = [];
  const close = () => {
    while (note.at(-1) === "") note.pop();
    if (note.length > 0) notes.push(`${note.join("\n")}\n`);
    note = [];
  };
  for (const line of lines) {
    if (note.at(-1)?.startsWith(DASH) && !line.startsWith(DASH)) close();
    if (line !== "" || note.length > 0) note.push(line);
  }
  close();
  return notes;
}

export function readNote(note: string): Checkpoint {
  const [text = "", signed] = split(note, "\n\n");
  const [origin, size, root, time, ...more] = text.split("\n");
  const isWhole = origin && size && /^\d+$/.test(size) && root && time?.startsWith("time ") && more.length === 0;
  if (!isWhole || signed === undefined) throw new Error("It is no signed checkpoint.");
  const signatures = signed.trimEnd().split("\n").map(readSignature);
  return { origin, size: Number(size), root: fromBase64(root), text: `${text}\n`, signatures };
}

function readSignature(line: string): Signature {
  const [name, blob] = split(line.slice(DASH.length), " ");
  if (!line.startsWith(DASH) || !name || !blob) throw new Error("A signature of the checkpoint cannot be read.");
  const raw = fromBase64(blob);
  return { name, keyId: raw.slice(0, 4), bytes: raw.slice(4) };
}

async function readKey(line: string): Promise<VerifierKey> {
  const [name, rest] = split(line, "+");
  const [id, blob] = split(rest ?? "", "+");
  if (!name || !id || !blob) throw new Error("A key is no NAME+ID+KEY.");
  const raw = fromBase64(blob);
  const keyId = (await sha256(joined(new TextEncoder().encode(`${name}\n`), raw))).slice(0, 4);
  if (raw[0] !== ED25519 || raw.length !== 33 || !areSame(keyId, fromHex(id))) {
    throw new Error(`The key ${name} is no Ed25519 key of signed notes.`);
  }
  return { name, id: keyId, key: raw.slice(1) };
}

/** Whether a key signed a checkpoint; null where the browser knows no Ed25519. */
export async function isSignedBy(checkpoint: Checkpoint, { name, id, key }: VerifierKey): Promise<boolean | null> {
  const own = checkpoint.signatures.find((each) => each.name === name && areSame(each.keyId, id));
  if (own === undefined) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify(
      { name: "Ed25519" },
      imported,
      own.bytes,
      new TextEncoder().encode(checkpoint.text),
    );
  } catch {
    return null;
  }
}

function fromBase64(text: string): Hash {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Error("A part of it is no base64.");
  }
}

function split(text: string, at: string): [string, string?] {
  const place = text.indexOf(at);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + at.length)];
}
