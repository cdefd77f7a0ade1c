import { Anchor, Badge, Button, Container, Skeleton, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { sourcesQuery } from "../../api/queries";
import type { SourceSummary } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { formatAgo, formatNumber, formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PlatformBadge } from "../../ui/PlatformBadge";
import { PageHead } from "../PageHead";

/** Sources that have been harvested, and how the last harvest went. */
export default function SourcesPage() {
  const sources = useQuery(sourcesQuery);
  const connect = (
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
      {sources.data && sources.data.length > 0 && <SourceTable sources={sources.data} />}
    </Container>
  );
}

const STATE_COLOURS: Record<string, string> = { completed: "teal", running: "blue", failed: "red" };

function SourceTable({ sources }: { sources: SourceSummary[] }) {
  return (
    <Table verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Source</Table.Th>
          <Table.Th>Kind</Table.Th>
          <Table.Th ta="right">Assets</Table.Th>
          <Table.Th>Last harvest</Table.Th>
          <Table.Th>Outcome</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sources.map((source) => (
          <Table.Tr key={source.source}>
            <Table.Td>
              <Anchor component={Link} to={catalogueAddress({ platform: platformOf(source.kind) })} size="sm">
                {source.source}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <PlatformBadge platform={source.kind} />
            </Table.Td>
            <Table.Td ta="right">{formatNumber(source.dataset_count)}</Table.Td>
            <Table.Td title={formatTime(source.last_harvest_at)}>{formatAgo(source.last_harvest_at)}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={STATE_COLOURS[source.last_state ?? ""] ?? "gray"}>
                {source.last_state ?? "unknown"}
              </Badge>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A dataset's platform is its namespace's scheme, which OpenLineage shortens for PostgreSQL. */
function platformOf(kind: string): string {
  return kind === "postgresql" ? "postgres" : kind;
}
