import { Button, Container, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { sourcesQuery } from "../../api/queries";
import { usePermission } from "../../api/usePermission";
import { host } from "../../app/host";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import { AirflowHarvests } from "./AirflowHarvests";
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
      {sources.isPending && <Skeleton h={120} />}
      {sources.isError && <ProblemNotice error={sources.error} onRetry={sources.refetch} />}
      {sources.data?.length === 0 && (
        <EmptyState title="No source yet" action={connect}>
          A source needs only read rights. The first harvest of a database of a thousand tables takes about a minute.
        </EmptyState>
      )}
      <Stack gap="xl">
        {sources.data && sources.data.length > 0 && <SourceTable sources={sources.data} mayHarvest={mayHarvest} />}
        {host.kind === "airflow" && <AirflowHarvests />}
        {mayHarvest && <RecentHarvests />}
      </Stack>
    </Container>
  );
}
