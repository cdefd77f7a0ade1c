/** What a reader copies into Airflow to harvest a source on a schedule. */

export interface AirflowText {
  connection: string;
  yaml: string;
}

/** The connection as an `airflow` command without its password, and the source's entry in the harvest DAG's YAML. */
export function airflowText(kind: string, url: string): AirflowText | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const database = decodeURIComponent(parsed.pathname.replace(/^\//, "")) || "database";
  const name = `${database}_${kind}`.replace(/\W/g, "_").toLowerCase();
  const connection = [
    `airflow connections add ${name}`,
    `--conn-type ${kind === "postgresql" ? "postgres" : kind}`,
    `--conn-host '${parsed.hostname}'`,
    ...(parsed.port ? [`--conn-port ${parsed.port}`] : []),
    `--conn-schema '${shellQuoted(database)}'`,
    `--conn-login '${shellQuoted(decodeURIComponent(parsed.username) || "nexus_reader")}'`,
    "--conn-password '…'",
  ].join(" \\\n  ");
  return { connection, yaml: yamlOf(kind, name) };
}

function shellQuoted(text: string): string {
  return text.replaceAll("'", "'\\''");
}

function yamlOf(kind: string, name: string): string {
  return `sources:\n  ${name}:\n    kind: ${kind}\n    connection: ${name}\n    schedule: "@hourly"\n`;
}
