/**
 * What Airflow's own API tells and does, asked from a page within Airflow by the user's session there. DAGs of ours are
 * known by their names: `nexus_harvest_SOURCE`, as `nexus_operators.factory` makes them, and `nexus_deliver_WHAT`, as
 * the Reports page writes them. Standalone there is no Airflow to ask.
 */
import { queryOptions } from "@tanstack/react-query";
import { host } from "../app/host";
import { ProblemError } from "./problem";

const OWN_MOUNT = /\/nexus$/;
const LIVE_MS = 10_000;
const MOST_DAGS = 100;

/** What our DAGs do, as the beginning of their names says. */
export type DagPrefix = "nexus_harvest_" | "nexus_deliver_";

export interface ScheduledDag {
  id: string;
  /** What follows the prefix: a source of the harvests' YAML, or what is delivered. */
  subject: string;
  schedule: string | null;
  nextRunAt: string | null;
  isPaused: boolean;
}

interface DagAnswer {
  dag_id: string;
  is_paused: boolean;
  timetable_summary?: string | null;
  next_dagrun_run_after?: string | null;
}

export interface DagRun {
  id: string;
  state: string;
  at: string | null;
}

/** The address of Airflow's API: this page is mounted below it as `/nexus`. */
export function airflowApi(base: string): string {
  return `${base.replace(OWN_MOUNT, "")}/api/v2`;
}

/** The DAGs of a prefix in an answer of `GET /dags`. */
export function dagsNamed(prefix: DagPrefix, dags: DagAnswer[]): ScheduledDag[] {
  return dags
    .filter((dag) => dag.dag_id.startsWith(prefix))
    .map((dag) => ({
      id: dag.dag_id,
      subject: dag.dag_id.slice(prefix.length),
      schedule: dag.timetable_summary ?? null,
      nextRunAt: dag.is_paused ? null : (dag.next_dagrun_run_after ?? null),
      isPaused: dag.is_paused,
    }));
}

export const dagsQuery = (prefix: DagPrefix) =>
  queryOptions({
    queryKey: ["airflow", "dags", prefix],
    queryFn: async ({ signal }) => {
      const path = `/dags?dag_id_pattern=${encodeURIComponent(`${prefix}%`)}&limit=${MOST_DAGS}`;
      return dagsNamed(prefix, (await ask<{ dags: DagAnswer[] }>(path, { signal })).dags);
    },
    refetchInterval: LIVE_MS,
  });

export const lastDagRunQuery = (dag: string) =>
  queryOptions({
    queryKey: ["airflow", "run", dag],
    queryFn: async ({ signal }): Promise<DagRun | null> => {
      const path = `/dags/${encodeURIComponent(dag)}/dagRuns?order_by=-run_after&limit=1`;
      const [run] = (await ask<{ dag_runs: RunAnswer[] }>(path, { signal })).dag_runs;
      return run ? { id: run.dag_run_id, state: run.state, at: run.end_date ?? run.start_date ?? null } : null;
    },
    refetchInterval: LIVE_MS,
  });

interface RunAnswer {
  dag_run_id: string;
  state: string;
  start_date?: string | null;
  end_date?: string | null;
}

/** Start a DAG now, as the Airflow user; raises a ProblemError where that user may not. */
export function runDag(dag: string): Promise<unknown> {
  const body = JSON.stringify({ logical_date: null });
  return ask(`/dags/${encodeURIComponent(dag)}/dagRuns`, { method: "POST", body });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const headers = { Accept: "application/json", ...(init.body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(airflowApi(host.base) + path, { ...init, headers, credentials: "same-origin" });
  if (response.ok) return (await response.json()) as T;
  const detail = await response.text();
  const title = response.status === 403 ? "Airflow does not allow it" : `Airflow answered ${response.status}`;
  throw new ProblemError({ status: response.status, title, detail: detail.slice(0, 300) });
}
