import { Anchor, Badge, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";
import { api, bodyOf } from "../../api/client";
import { KEYS, loweringsQuery, proposalsQuery, taggedQuery } from "../../api/governance";
import type { ClassDecision } from "../../api/types";
import { assetAddress } from "../../app/addresses";
import { ClassBadge } from "../../ui/ClassBadge";
import { DecideButtons } from "../../ui/DecideButtons";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";

interface Row {
  namespace: string;
  name: string;
  field: string;
  what: ReactNode;
  reason: string;
  choices: { label: string; question?: string; asked: Pick<ClassDecision, "action" | "class"> }[];
}

/** Classes that wait for a steward, each with why: what could be lower, what harvests guess, what tags claim. */
export function QueueTab({ mayDecide }: { mayDecide: boolean }) {
  const lowerings = useQuery(loweringsQuery);
  const proposals = useQuery(proposalsQuery);
  const tagged = useQuery(taggedQuery);
  const all = [lowerings, proposals, tagged];
  const failed = all.find((one) => one.isError);
  if (failed?.error) return <ProblemNotice error={failed.error} onRetry={failed.refetch} />;
  if (all.some((one) => one.isPending)) return <Skeleton h={200} />;
  const parts = [
    { title: "Could be lower", rows: (lowerings.data?.items ?? []).map(loweringRow) },
    { title: "May hold personal data", rows: (proposals.data?.items ?? []).map(proposalRow) },
    { title: "Claimed by tags", rows: (tagged.data?.items ?? []).map(taggedRow) },
  ].filter((part) => part.rows.length > 0);
  if (parts.length === 0) {
    return (
      <EmptyState title="Nothing waits for a decision">
        Proposals appear when harvests find columns that may hold personal data, and when lineage no longer tells why a
        column has its class.
      </EmptyState>
    );
  }
  return (
    <Stack gap="xl">
      {parts.map(({ title, rows }) => (
        <div key={title}>
          <Title order={2} size="h5" mb="xs">
            {title} ({rows.length})
          </Title>
          <Rows rows={rows} label={title} mayDecide={mayDecide} />
        </div>
      ))}
    </Stack>
  );
}

function Rows({ rows, label, mayDecide }: { rows: Row[]; label: string; mayDecide: boolean }) {
  return (
    <WideTable minWidth={820} verticalSpacing="xs" aria-label={label} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Column</Table.Th>
          <Table.Th w={180}>Proposal</Table.Th>
          <Table.Th>Why</Table.Th>
          {mayDecide && <Table.Th w={310}>Decision</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={`${row.namespace} ${row.name} ${row.field}`} style={{ verticalAlign: "top" }}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Anchor component={Link} to={assetAddress(row.namespace, row.name, "access")} size="sm">
                {row.field ? `${row.name} . ${row.field}` : row.name}
              </Anchor>
            </Table.Td>
            <Table.Td>{row.what}</Table.Td>
            <Table.Td>
              <Text size="sm">{row.reason}</Text>
            </Table.Td>
            {mayDecide && (
              <Table.Td>
                <DecideButtons
                  rereads={KEYS.queue}
                  choices={row.choices.map(({ asked, ...choice }) => ({ ...choice, act: () => decide(row, asked) }))}
                />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function decide({ namespace, name, field }: Row, asked: Pick<ClassDecision, "action" | "class">) {
  const body = { ...asked, namespace, name, fields: [field], least: 10 };
  return bodyOf(api.POST("/api/v1/classifications/decisions", { body }));
}

type Lowering = {
  namespace: string;
  name: string;
  field: string;
  classification: string;
  becomes: string;
  reason: string;
};

function loweringRow(row: Lowering): Row {
  const question = `Let it be ${row.becomes}?`;
  return {
    ...row,
    what: (
      <Group gap={6}>
        <ClassBadge classification={row.classification} size="sm" /> <Text size="sm">→ {row.becomes}</Text>
      </Group>
    ),
    choices: [{ label: "Approve", question, asked: { action: "approve" } }],
  };
}

function proposalRow(row: {
  namespace: string;
  name: string;
  field: string;
  data: string;
  score: number;
  reason: string;
}): Row {
  return {
    ...row,
    what: (
      <Group gap={6}>
        <Badge variant="light">{row.data.replaceAll("_", " ")}</Badge> <Text size="sm">{row.score} %</Text>
      </Group>
    ),
    choices: [
      { label: "It is PII", asked: { action: "accept", class: "PII" } },
      { label: "Confidential", asked: { action: "accept", class: "Confidential" } },
      { label: "Neither", asked: { action: "reject" } },
    ],
  };
}

function taggedRow(row: { namespace: string; name: string; field: string; classification: string }): Row {
  return {
    ...row,
    what: <ClassBadge classification={row.classification} size="sm" />,
    reason: "A tag in an event claims it; tags classify nothing by themselves.",
    choices: [{ label: `Set ${row.classification}`, asked: { action: "set", class: row.classification } }],
  };
}
