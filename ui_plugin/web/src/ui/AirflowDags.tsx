import { Skeleton, Table, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type DagPrefix, dagsQuery, lastDagRunQuery, runDag, type ScheduledDag } from "../api/airflow";
import { DecideButtons } from "./DecideButtons";
import { formatAgo, formatTime } from "./format";
import { ProblemNotice } from "./Notice";
import { WideTable } from "./WideTable";

interface Props {
  prefix: DagPrefix;
  /** Name of the table, and of its first column. */
  label: string;
  subject: string;
  /** Said where there is none, or the Airflow user sees none. */
  children: ReactNode;
}

/** Our DAGs of the Airflow round us: when the last and the next run is, and run now, as the Airflow user. */
export function AirflowDags({ prefix, label, subject, children }: Props) {
  const dags = useQuery(dagsQuery(prefix));
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        By Airflow
      </Title>
      {dags.isPending && <Skeleton h={100} />}
      {dags.isError && <ProblemNotice error={dags.error} onRetry={dags.refetch} />}
      {dags.data?.length === 0 && children}
      {dags.data && dags.data.length > 0 && <Dags dags={dags.data} label={label} subject={subject} />}
    </div>
  );
}

function Dags({ dags, label, subject }: Pick<Props, "label" | "subject"> & { dags: ScheduledDag[] }) {
  return (
    <WideTable minWidth={720} verticalSpacing="xs" aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{subject}</Table.Th>
          <Table.Th>Schedule</Table.Th>
          <Table.Th>Last run</Table.Th>
          <Table.Th>Next run</Table.Th>
          <Table.Th w={210}>Now</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {dags.map((dag) => (
          <Table.Tr key={dag.id}>
            <Table.Td title={dag.id}>{dag.subject}</Table.Td>
            <Table.Td>{dag.isPaused ? "paused" : (dag.schedule ?? "by hand")}</Table.Td>
            <Table.Td>
              <LastRun dag={dag.id} />
            </Table.Td>
            <Table.Td>{formatTime(dag.nextRunAt)}</Table.Td>
            <Table.Td>
              <DecideButtons rereads={["airflow"]} choices={[{ label: "Run now", act: () => runDag(dag.id) }]} />
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
