/** What the API answers when it cannot do what was asked (RFC 9457), and what we say when it did not answer. */

export interface Problem {
  title: string;
  detail: string;
  status: number;
  /** The place of what is wrong within what was sent, as a JSON path. */
  path?: string;
  /** Where to sign in anew, and stronger, so that this may be done; below the address of the site. */
  stepUp?: string;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
  }
}

/** The problem that a response states; a proxy's HTML page becomes one too. */
export async function problemOf(response: Response): Promise<Problem> {
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const body = isJson ? ((await response.json()) as Partial<Problem> & { step_up?: string }) : {};
  return {
    status: response.status,
    title: body.title ?? `The server answered ${response.status}`,
    detail: typeof body.detail === "string" ? body.detail : response.statusText,
    ...(body.path ? { path: body.path } : {}),
    ...(body.step_up ? { stepUp: body.step_up } : {}),
  };
}

/** Any thrown thing as a problem; a failed connection is what `fetch` throws as TypeError. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof TypeError) {
    const detail = "Check that `nexus up` is running, and try again.";
    return { status: 0, title: "LineageNexus does not answer", detail };
  }
  return { status: 0, title: "Something went wrong here", detail: String(error) };
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ProblemError && error.problem.status === status;
}
