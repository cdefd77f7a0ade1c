/**
 * What Airflow's own API tells and does, asked from a page within Airflow by the user's session there; the DAGs that
 * `nexus_operators.factory` makes are named `nexus_harvest_SOURCE`. Standalone there is no Airflow to ask.
 */
import { queryOptions } from "@tanstack/react-query";
import { host } from "../app/host";
import { ProblemError } from "./problem";

const PREFIX = "nexus_harvest_";
const OWN_MOUNT = /\/nexus$/;
const LIVE_MS = 10_000;
const MOST_DAGS = 100;

export interface HarvestDag {
  id: string;
  /** The source's name in the YAML of the harvests. */
  source: string;
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

/** The harvest DAGs in an answer of `GET /dags`. */
export function harvestDags(dags: DagAnswer[]): HarvestDag[] {
  return dags
    .filter((dag) => dag.dag_id.startsWith(PREFIX))
    .map((dag) => ({
      id: dag.dag_id,
      source: dag.dag_id.slice(PREFIX.length),
      schedule: dag.timetable_summary ?? null,
      nextRunAt: dag.is_paused ? null : (dag.next_dagrun_run_after ?? null),
      isPaused: dag.is_paused,
    }));
}

export const harvestDagsQuery = queryOptions({
  queryKey: ["airflow", "dags"],
  queryFn: async ({ signal }) => {
    const found = await ask<{ dags: DagAnswer[] }>(`/dags?tags=lineage-nexus&limit=${MOST_DAGS}`, { signal });
    return harvestDags(found.dags);
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
