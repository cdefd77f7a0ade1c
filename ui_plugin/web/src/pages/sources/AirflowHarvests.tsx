import { Skeleton, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type HarvestDag, harvestDagsQuery, lastDagRunQuery, runDag } from "../../api/airflow";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatAgo, formatTime } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";

/** Harvests that Airflow runs on a schedule: when the last and the next one is, and run now, as the Airflow user. */
export function AirflowHarvests() {
  const dags = useQuery(harvestDagsQuery);
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        By Airflow
      </Title>
      {dags.isPending && <Skeleton h={100} />}
      {dags.isError && <ProblemNotice error={dags.error} onRetry={dags.refetch} />}
      {dags.data?.length === 0 && (
        <Text size="sm">
          No harvest DAG that you see: connect a source, and copy its schedule into <code>nexus_harvest.yaml</code>.
        </Text>
      )}
      {dags.data && dags.data.length > 0 && <Dags dags={dags.data} />}
    </div>
  );
}

function Dags({ dags }: { dags: HarvestDag[] }) {
  return (
    <WideTable minWidth={720} verticalSpacing="xs" aria-label="Harvests by Airflow">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Source</Table.Th>
          <Table.Th>Schedule</Table.Th>
          <Table.Th>Last run</Table.Th>
          <Table.Th>Next run</Table.Th>
          <Table.Th w={210}>Now</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {dags.map((dag) => (
          <Table.Tr key={dag.id}>
            <Table.Td title={dag.id}>{dag.source}</Table.Td>
            <Table.Td>{dag.isPaused ? "paused" : (dag.schedule ?? "by hand")}</Table.Td>
            <Table.Td>
              <LastRun dag={dag.id} />
            </Table.Td>
            <Table.Td>{formatTime(dag.nextRunAt)}</Table.Td>
            <Table.Td>
              <DecideButtons
                rereads={harvestDagsQuery.queryKey.slice(0, 1)}
                choices={[{ label: "Run now", act: () => runDag(dag.id) }]}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function LastRun({ dag }: { dag: string }) {
  const { data } = useQuery(lastDagRunQuery(dag));
  if (!data) return "–";
  return (
    <span title={formatTime(data.at)}>
      {data.state}, {formatAgo(data.at)}
    </span>
  );
}
