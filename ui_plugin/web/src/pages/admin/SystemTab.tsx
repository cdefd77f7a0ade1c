import { Anchor, Group, Paper, SimpleGrid, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { systemQuery } from "../../api/admin";
import type { SystemPart } from "../../api/types";
import { formatAgo, formatNumber } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { StateSign } from "../../ui/StateSign";
import { WideTable } from "../../ui/WideTable";

/** Which parts of the installation work, and what waits; asked anew every five seconds. */
export function SystemTab() {
  const system = useQuery(systemQuery);
  if (system.isPending) return <Skeleton h={260} />;
  if (system.isError) return <ProblemNotice error={system.error} onRetry={system.refetch} />;
  const { data } = system;
  const waiting = data.dead_count + data.quarantined_count;
  return (
    <Stack gap="lg">
      <SimpleGrid cols={3}>
        <Figure label="Version" value={data.version} hint={data.embedded ? "all in one (nexus up)" : "services"} />
        <Figure
          label="Not merged yet"
          value={formatNumber(data.lag_events)}
          hint={data.oldest_pending_at ? `the oldest ${formatAgo(data.oldest_pending_at)}` : "the graph is current"}
        />
        <Figure label="Waiting for a person" value={formatNumber(waiting)} hint={<DeadLetters count={waiting} />} />
      </SimpleGrid>
      <Parts parts={data.parts} />
      <Text size="sm" c="dimmed">
        <code>nexus doctor</code> looks at the machine: memory, disk, Java, ports, connectors and spool.
      </Text>
    </Stack>
  );
}

function DeadLetters({ count }: { count: number }) {
  if (count === 0) return "no dead letters";
  return (
    <Anchor component={Link} to="/dead-letters" size="xs">
      dead letters
    </Anchor>
  );
}

function Figure({ label, value, hint }: { label: string; value: string; hint: React.ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fz={24} fw={650}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {hint}
      </Text>
    </Paper>
  );
}

function Parts({ parts }: { parts: SystemPart[] }) {
  return (
    <WideTable minWidth={560} verticalSpacing="xs" aria-label="Parts">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={160}>Part</Table.Th>
          <Table.Th w={110}>State</Table.Th>
          <Table.Th>Seen</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {parts.map((part) => (
          <Table.Tr key={part.name}>
            <Table.Td>{part.name}</Table.Td>
            <Table.Td>
              <Group gap={6} wrap="nowrap">
                <StateSign state={part.ok ? "well" : "wrong"} />
              </Group>
            </Table.Td>
            <Table.Td>
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {part.seen}
              </Text>
              {part.advice && (
                <Text size="sm" c="dimmed">
                  {part.advice}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
