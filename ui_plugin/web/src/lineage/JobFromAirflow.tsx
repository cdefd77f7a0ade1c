import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "react-router-dom";
import { graphQuery } from "../api/queries";
import { catalogueAddress, lineageAddress } from "../app/addresses";
import { host } from "../app/host";
import { EmptyState } from "../ui/Notice";

/** Lineage of the DAG or task that an Airflow tab names; Airflow leaves `{MAP_INDEX}` and its like as they are where it has none. */
export function JobFromAirflow({ params }: { params: URLSearchParams }) {
  const named = (key: string) => params.get(key)?.replace(/^\{[A-Z_]+\}$/, "") || null;
  const dag = named("dag_id");
  const task = named("task_id");
  if (dag === null) return <NoAsset />;
  return (
    <JobLineage namespace={named("job_namespace") ?? host.jobNamespace} name={task === null ? dag : `${dag}.${task}`} />
  );
}

function JobLineage({ namespace, name }: { namespace: string; name: string }) {
  const found = useQuery({ ...graphQuery({ namespace, name, kind: "job", depth: 1 }), retry: false });
  if (found.isPending) return null;
  if (found.isSuccess) return <Navigate to={lineageAddress({ kind: "job", namespace, name })} replace />;
  return (
    <EmptyState
      title="No lineage of this job yet"
      action={
        <Anchor component={Link} to="/catalogue">
          Search the catalogue
        </Anchor>
      }
    >
      {name} has sent no event from which lineage follows. It appears after the job's next successful run, if Airflow's
      OpenLineage provider sends its events here.
    </EmptyState>
  );
}

function NoAsset() {
  return (
    <EmptyState
      title="Pick an asset"
      action={
        <Button component={Link} to={catalogueAddress()}>
          Search the catalogue
        </Button>
      }
    >
      Lineage starts at a table, view, topic or dashboard. Find one in the catalogue, then follow its columns up and
      down stream.
    </EmptyState>
  );
}
