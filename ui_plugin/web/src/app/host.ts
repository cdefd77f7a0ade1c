/** Where this build runs: the server puts a base address and a small JSON into index.html, one build serves both hosts. */

export interface Host {
  /** What stands before `/api/v1` in the API's addresses; empty at the root. */
  api: string;
  kind: "standalone" | "airflow";
  /** Path of the UI's first page, without a slash at its end. */
  base: string;
  /** Shown within another page: without our own frame, and without links that open windows. */
  isEmbedded: boolean;
  /** OpenLineage namespace of the hosting Airflow's jobs. */
  jobNamespace: string;
}

/** What the server writes into `<script id="nexus-config">`; `api` ends in `/api/v1`. */
interface HostConfig {
  api?: string;
  host?: Host["kind"];
  job_namespace?: string;
}

export function readHost(page: Document, search: string): Host {
  const base = withoutSlash(new URL(page.baseURI).pathname.replace(/[^/]*$/, ""));
  const config = readConfig(page);
  const isEmbedded = new URLSearchParams(search).get("embed") === "1" || config.host === "airflow";
  return {
    api: config.api === undefined ? base : config.api.replace(/\/api\/v1\/?$/, ""),
    kind: config.host ?? "standalone",
    base,
    isEmbedded,
    jobNamespace: config.job_namespace ?? "default",
  };
}

function readConfig(page: Document): HostConfig {
  const text = page.getElementById("nexus-config")?.textContent;
  return text ? (JSON.parse(text) as HostConfig) : {};
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

export const host = readHost(document, location.search);
