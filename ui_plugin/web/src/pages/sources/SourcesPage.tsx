import { Button, Container, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { sourcesQuery } from "../../api/queries";
import { usePermission } from "../../api/usePermission";
import { host } from "../../app/host";
import { AirflowDags } from "../../ui/AirflowDags";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import { RecentHarvests } from "./RecentHarvests";
import { SourceTable } from "./SourceTable";

/** Sources that have been harvested, and how the last harvest went. */
export default function SourcesPage() {
  const sources = useQuery(sourcesQuery);
  const mayHarvest = usePermission("harvest");
  const connect = mayHarvest && (
    <Button component={Link} to="/connect">
      Connect a source
    </Button>
  );
  return (
    <Container size="lg" py="lg">
      <PageHead title="Sources" action={connect}>
        What is harvested, from here, from the command line or by Airflow.
      </PageHead>
      <InOrder gap="xl">
        {sources.isPending && <Skeleton h={120} />}
        {sources.isError && <ProblemNotice error={sources.error} onRetry={sources.refetch} />}
        {sources.data?.length === 0 && (
          <EmptyState title="No source yet" action={connect}>
            A source needs only read rights. The first harvest of a database of a thousand tables takes about a minute.
          </EmptyState>
        )}
        {sources.data && sources.data.length > 0 && <SourceTable sources={sources.data} mayHarvest={mayHarvest} />}
        {host.kind === "airflow" && (
          <AirflowDags prefix="nexus_harvest_" label="Harvests by Airflow" subject="Source">
            <Text size="sm">
              No harvest DAG that you see: connect a source, and copy its schedule into <code>nexus_harvest.yaml</code>.
            </Text>
          </AirflowDags>
        )}
        {mayHarvest && <RecentHarvests />}
      </InOrder>
    </Container>
  );
}
