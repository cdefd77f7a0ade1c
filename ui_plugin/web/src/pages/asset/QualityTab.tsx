import { Group, Paper, SegmentedControl, Skeleton, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetQualityQuery, incidentPagesQuery } from "../../api/quality";
import type { DatasetDetail, QualityFigure } from "../../api/types";
import { usePermission } from "../../api/usePermission";
import { everyDay } from "../../charts/days";
import { PassedDays } from "../../charts/PassedDays";
import { formatAgo, formatNumber } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";
import { BlastRadius } from "../quality/BlastRadius";
import { CheckTable } from "../quality/CheckTable";
import { IncidentCard } from "../quality/IncidentCard";
import { OpenIncident } from "../quality/OpenIncident";

const SPANS = ["7", "30", "90"];
const MOST_FIGURES = 60;

/** What checks found of the asset, what is wrong with it, what was measured, and what bad data in it would reach. */
export default function QualityTab({ dataset }: { dataset: DatasetDetail }) {
  const { namespace, name } = dataset;
  const [days, setDays] = useState("30");
  const [open, setOpen] = useState<string | null>(null);
  const quality = useQuery(datasetQualityQuery(namespace, name, Number(days)));
  if (quality.isPending) return <Skeleton h={240} />;
  if (quality.isError) return <ProblemNotice error={quality.error} onRetry={quality.refetch} />;
  const { checks, days: results, figures } = quality.data;
  return (
    <InOrder>
      <Incidents dataset={dataset} />
      {checks.length === 0 ? (
        <NoCheck />
      ) : (
        <Paper withBorder p="md">
          <Group justify="space-between" mb="sm">
            <Title order={2} size="h5">
              Checks
            </Title>
            <SegmentedControl
              size="xs"
              aria-label="How many days"
              value={days}
              onChange={setDays}
              data={SPANS.map((value) => ({ value, label: `${value} days` }))}
            />
          </Group>
          {results.length > 0 && <PassedDays days={everyDay(results, Number(days), { passed: 0, failed: 0 })} />}
          <CheckTable checks={checks} open={open} onOpen={setOpen} />
        </Paper>
      )}
      {figures.length > 0 && <Figures figures={figures} />}
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="xs">
          What bad data would reach
        </Title>
        <BlastRadius namespace={namespace} name={name} field={null} />
      </Paper>
    </InOrder>
  );
}

function NoCheck() {
  return (
    <EmptyState title="Nothing checks this asset">
      Write checks for it in the YAML of <code>QualityCheckOperator</code>, or send results of dbt, Great Expectations
      or others as OpenLineage events.
    </EmptyState>
  );
}

function Incidents({ dataset: { namespace, name } }: { dataset: DatasetDetail }) {
  const mayCurate = usePermission("curate");
  const [open, setOpen] = useState<string | null>(null);
  const pages = useInfiniteQuery(incidentPagesQuery({ state: "unresolved", namespace, name }));
  const incidents = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.isPending) return <Skeleton h={36} />;
  if (pages.isError) return <ProblemNotice error={pages.error} onRetry={pages.refetch} />;
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed">
          {incidents.length === 0 && "No incident is open."}
        </Text>
        {mayCurate && <OpenIncident asset={{ namespace, name }} />}
      </Group>
      {incidents.map((incident) => (
        <IncidentCard
          key={incident.id}
          {...{ incident, mayCurate }}
          isOpen={incident.id === open}
          onToggle={() => setOpen(incident.id === open ? null : incident.id)}
        />
      ))}
    </>
  );
}

/** The latest of each figure, of the asset before those of its columns. */
function Figures({ figures }: { figures: readonly QualityFigure[] }) {
  const latest = new Map<string, QualityFigure>();
  for (const figure of figures) {
    const key = `${figure.field ?? ""} ${figure.metric}`;
    if (!latest.has(key)) latest.set(key, figure);
  }
  const rows = [...latest.values()].sort((a, b) => (a.field ?? "").localeCompare(b.field ?? ""));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Measured
      </Title>
      <WideTable minWidth={480} verticalSpacing={4} aria-label="Figures">
        <Table.Tbody>
          {rows.slice(0, MOST_FIGURES).map(({ field, metric, value, at }) => (
            <Table.Tr key={`${field} ${metric}`}>
              <Table.Td>{field ?? "whole asset"}</Table.Td>
              <Table.Td>{metric.replaceAll("_", " ")}</Table.Td>
              <Table.Td ta="right">{formatNumber(value)}</Table.Td>
              <Table.Td ta="right">{formatAgo(at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </Paper>
  );
}
