/** The typed client: cookies say who asks, a CSRF token goes with each change, errors are thrown as problems. */
import createClient, { type Middleware } from "openapi-fetch";
import { host } from "../app/host";
import { ProblemError, problemOf } from "./problem";
import type { paths } from "./schema";
import { type RefusedAct, tellRefused } from "./stepUp";
import type { Session } from "./types";

let csrf: string | null = null;

/** Use this session's CSRF token from now on. */
export function rememberSession(session: Session | null): void {
  csrf = session?.csrf ?? null;
}

/** What went with each change that is under way, since a request's body is read once. */
const sent = new WeakMap<Request, string>();

function refusedAct(request: Request, stepUp: string): RefusedAct {
  const { pathname, search } = new URL(request.url);
  const base = new URL(host.api || "/", location.origin).pathname.replace(/\/$/, "");
  const page = location.pathname.slice(host.base.length) + location.search;
  const body = sent.get(request) || null;
  return { method: request.method, path: pathname.slice(base.length) + search, body, page, stepUp, at: Date.now() };
}

/** Do an act again that was refused before a stronger sign-in; raises a ProblemError. */
export async function repeatAct({ method, path, body }: RefusedAct): Promise<void> {
  const headers: Record<string, string> = { ...(csrf === null ? {} : { "X-CSRF-Token": csrf }) };
  if (body !== null) headers["Content-Type"] = "application/json";
  const response = await fetch(`${host.api}${path}`, { method, headers, body, credentials: "same-origin" });
  if (!response.ok) throw new ProblemError(await problemOf(response));
}

const session: Middleware = {
  async onRequest({ request }) {
    if (request.method === "GET") return request;
    if (csrf !== null) request.headers.set("X-CSRF-Token", csrf);
    if (host.kind === "airflow") request.headers.set("X-Nexus-Request", "1");
    sent.set(request, await request.clone().text());
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return;
    const problem = await problemOf(response);
    if (problem.stepUp) tellRefused(refusedAct(request, problem.stepUp));
    throw new ProblemError(problem);
  },
};

export const api = createClient<paths>({ baseUrl: host.api, credentials: "same-origin" });
api.use(session);

/** The body of an answer that has one. */
export async function bodyOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined)
    throw new ProblemError({ status: 0, title: "Empty answer", detail: "The server sent nothing." });
  return data;
}
