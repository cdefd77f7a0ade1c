/**
 * An act that was refused until its author signs in anew: kept for the way to the identity provider and back.
 * It lies in this tab's session storage, without what may be secret.
 */

export interface RefusedAct {
  method: string;
  /** The request's path and query, below the address of the API. */
  path: string;
  /** The JSON that was sent; null if there was none. */
  body: string | null;
  /** Path and query of the page that it was done on, within the UI. */
  page: string;
  /** Where to sign in, as the API told. */
  stepUp: string;
  at: number;
}

const KEY = "nexus-refused-act";
const LONGEST_MS = 15 * 60_000;
/** Bodies of these hold passwords or connection URLs; answers of these hold a secret that only the page's form shows. */
const NOT_REPEATED = /\/(session|users|tokens|sources|harvests|proxy)(\/|$)/;

/** Whether the act can be done again from here; else its page is shown again, for its author to do it. */
export function isRepeatable(act: Pick<RefusedAct, "path">): boolean {
  return !NOT_REPEATED.test(act.path.split("?")[0] ?? "");
}

export function keepAct(act: RefusedAct, storage: Storage = sessionStorage): void {
  const kept = isRepeatable(act) ? act : { ...act, body: null };
  storage.setItem(KEY, JSON.stringify(kept));
}

/** The act that was kept within the last quarter of an hour, which is forgotten by being taken. */
export function takeAct(now = Date.now(), storage: Storage = sessionStorage): RefusedAct | null {
  const text = storage.getItem(KEY);
  storage.removeItem(KEY);
  const act = text === null ? null : readAct(text);
  return act !== null && now - act.at < LONGEST_MS ? act : null;
}

function readAct(text: string): RefusedAct | null {
  try {
    const found = JSON.parse(text) as RefusedAct;
    return typeof found.path === "string" && typeof found.at === "number" ? found : null;
  } catch {
    return null;
  }
}

/** The address that signs in and comes back to the act's page. */
export function stepUpAddress(base: string, act: Pick<RefusedAct, "stepUp" | "page">): string {
  const joint = act.stepUp.includes("?") ? "&" : "?";
  return `${base}${act.stepUp}${joint}next=${encodeURIComponent(act.page)}`;
}

type Listener = (act: RefusedAct) => void;
let listener: Listener | null = null;

/** Tell a refusal to whoever shows it; one listener, the frame. */
export function tellRefused(act: RefusedAct): void {
  listener?.(act);
}

export function onRefused(next: Listener): () => void {
  listener = next;
  return () => {
    if (listener === next) listener = null;
  };
}
