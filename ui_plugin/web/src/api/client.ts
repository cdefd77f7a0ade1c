/** The typed client: cookies say who asks, a CSRF token goes with each change, errors are thrown as problems. */
import createClient, { type Middleware } from "openapi-fetch";
import { host } from "../app/host";
import { ProblemError, problemOf } from "./problem";
import type { paths } from "./schema";
import type { Session } from "./types";

let csrf: string | null = null;

/** Use this session's CSRF token from now on. */
export function rememberSession(session: Session | null): void {
  csrf = session?.csrf ?? null;
}

const session: Middleware = {
  onRequest({ request }) {
    if (request.method === "GET") return request;
    if (csrf !== null) request.headers.set("X-CSRF-Token", csrf);
    if (host.kind === "airflow") request.headers.set("X-Nexus-Request", "1");
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw new ProblemError(await problemOf(response));
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
