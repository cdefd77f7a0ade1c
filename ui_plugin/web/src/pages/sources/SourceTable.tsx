import { Anchor, Badge, Button, Group, Table, Text } from "@mantine/core";
import { Link } from "react-router-dom";
import { api } from "../../api/client";
import { sourcesQuery } from "../../api/queries";
import type { SourceSummary } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatAgo, formatNumber, formatTime } from "../../ui/format";
import { PlatformBadge } from "../../ui/PlatformBadge";
import { WideTable } from "../../ui/WideTable";

const STATE_COLOURS: Record<string, string> = {
  completed: "teal",
  running: "blue",
  failed: "red",
  cancelled: "orange",
};

/** Sources with how their last harvest went, what to do about a failure, and how to harvest them again. */
export function SourceTable({ sources, mayHarvest }: { sources: SourceSummary[]; mayHarvest: boolean }) {
  return (
    <WideTable minWidth={880} verticalSpacing="sm" aria-label="Sources">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Source</Table.Th>
          <Table.Th>Kind</Table.Th>
          <Table.Th ta="right">Assets</Table.Th>
          <Table.Th>Last whole harvest</Table.Th>
          <Table.Th>Outcome</Table.Th>
          {mayHarvest && <Table.Th w={300}>Again</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sources.map((source) => (
          <Table.Tr key={source.source} style={{ verticalAlign: "top" }}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Anchor component={Link} to={catalogueAddress({ platform: platformOf(source.kind) })} size="sm">
                {source.source}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <PlatformBadge platform={source.kind} />
            </Table.Td>
            <Table.Td ta="right">{formatNumber(source.dataset_count)}</Table.Td>
            <Table.Td title={formatTime(source.last_harvest_at)}>
              {formatAgo(source.last_harvest_at)}
              {source.overdue && (
                <Text size="xs" c="dimmed">
                  overdue: see its schedule
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={STATE_COLOURS[source.last_state ?? ""] ?? "gray"}>
                {source.last_state ?? "unknown"}
              </Badge>
              {source.last_problem && (
                <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
                  {source.last_problem}
                </Text>
              )}
            </Table.Td>
            {mayHarvest && (
              <Table.Td>
                <Again source={source} />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Again({ source }: { source: SourceSummary }) {
  const params = new URLSearchParams({ kind: source.kind, source: source.source });
  const forget = {
    label: "Read all next time",
    question: "Forget what is unchanged?",
    act: () => api.DELETE("/api/v1/harvests/state", { params: { query: { source: source.source } } }),
  };
  return (
    <Group gap={6} align="flex-start" wrap="nowrap">
      <Button component={Link} to={`/connect?${params}`} size="compact-sm" variant="default">
        Harvest now
      </Button>
      <DecideButtons rereads={sourcesQuery.queryKey} choices={[forget]} />
    </Group>
  );
}

/** A dataset's platform is its namespace's scheme, which OpenLineage shortens for PostgreSQL. */
function platformOf(kind: string): string {
  return kind === "postgresql" ? "postgres" : kind;
}
