import { useQuery } from "@tanstack/react-query";
import { datasetQuery } from "../api/queries";
import { host } from "../app/host";
import type { Card } from "../graph/model";
import { AwayLink } from "../ui/AwayLink";

interface Props {
  job: { namespace: string; name: string };
  /** A dataset that the job reads or writes, which knows the job's last run. */
  beside: Card | undefined;
}

/** A link back to the DAG of a job, where an event of it came from an Airflow. */
export function JobInAirflow({ job, beside }: Props) {
  const isKnown = beside?.kind === "dataset";
  const dataset = useQuery({ ...datasetQuery(beside?.namespace ?? "", beside?.name ?? ""), enabled: isKnown });
  const found = dataset.data?.jobs.find((one) => one.namespace === job.namespace && one.name === job.name);
  const href = found?.airflow_url ?? ownDag(job);
  return href ? <AwayLink href={href}>Open in Airflow</AwayLink> : null;
}

/** The DAG's page in the Airflow that we are shown in. */
function ownDag({ namespace, name }: Props["job"]): string | null {
  if (host.kind !== "airflow" || namespace !== host.jobNamespace) return null;
  const airflow = host.base.replace(/\/nexus$/, "");
  return `${location.origin}${airflow}/dags/${encodeURIComponent(name.split(".")[0] ?? name)}`;
}
