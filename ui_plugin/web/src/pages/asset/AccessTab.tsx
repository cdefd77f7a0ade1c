import { Badge, Group, Paper, Select, Skeleton, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explainQuery, fieldClassQuery, whyQuery } from "../../api/governance";
import { hasStatus, toProblem } from "../../api/problem";
import type { DatasetDetail } from "../../api/types";
import { isProtected } from "../../graph/protection";
import { ClassBadge } from "../../ui/ClassBadge";
import { InOrder } from "../../ui/InOrder";
import { ProblemNotice } from "../../ui/Notice";
import { reachWords } from "../../ui/reachWords";
import { WideTable } from "../../ui/WideTable";

/** What the reader sees of the asset, and why: grants that show it, classes with their paths, masks with their policies. */
export function AccessTab({ dataset }: { dataset: DatasetDetail }) {
  return (
    <InOrder>
      <Grants dataset={dataset} />
      <ColumnAccess dataset={dataset} />
    </InOrder>
  );
}

function Grants({ dataset }: { dataset: DatasetDetail }) {
  const why = useQuery(whyQuery(dataset.namespace, dataset.name));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Why you see this asset
      </Title>
      {why.isPending && <Skeleton h={60} />}
      {why.isError && <ProblemNotice error={why.error} onRetry={why.refetch} />}
      {why.data && (
        <WideTable minWidth={560} verticalSpacing={6} aria-label="Grants">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Granted by</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>Reaches</Table.Th>
              <Table.Th>Shows this asset</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {why.data.reasons.map((reason) => (
              <Table.Tr key={`${reason.origin} ${reason.role} ${reachWords(reason.reach)}`}>
                <Table.Td>{reason.origin}</Table.Td>
                <Table.Td>{reason.role ?? "–"}</Table.Td>
                <Table.Td>{reachWords(reason.reach)}</Table.Td>
                <Table.Td>{reason.hidden_by.length === 0 ? "yes" : `no: ${reason.hidden_by.join(", ")}`}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Paper>
  );
}

function ColumnAccess({ dataset }: { dataset: DatasetDetail }) {
  const classified = dataset.fields.find((field) => isProtected(field.classification));
  const [field, setField] = useState(classified?.name ?? dataset.fields[0]?.name ?? "");
  if (field === "") return null;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          What you see of a column
        </Title>
        <Select
          size="xs"
          searchable
          allowDeselect={false}
          aria-label="Column"
          value={field}
          onChange={(name) => setField(name ?? field)}
          data={dataset.fields.map(({ name }) => name)}
        />
      </Group>
      <InOrder gap="md">
        <ClassOf dataset={dataset} field={field} />
        <MaskOf dataset={dataset} field={field} />
      </InOrder>
    </Paper>
  );
}

interface Of {
  dataset: DatasetDetail;
  field: string;
}

function ClassOf({ dataset, field }: Of) {
  const found = useQuery(fieldClassQuery(dataset.namespace, dataset.name, field));
  if (found.isPending) return <Skeleton h={40} />;
  if (found.isError) return <Text size="sm">{toProblem(found.error).detail}</Text>;
  const { classification, suspected, sentence, risks } = found.data;
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          Class
        </Text>
        <ClassBadge classification={classification} />
        {suspected && (
          <Badge variant="light" color="orange">
            suspected
          </Badge>
        )}
      </Group>
      <Text size="sm">{sentence}</Text>
      {risks.length > 0 && (
        <Text size="sm">
          May be inferred from{" "}
          {risks.map((risk) => `${risk.name}.${risk.field} (${risk.kind.toLowerCase()})`).join(", ")}.
        </Text>
      )}
    </div>
  );
}

function MaskOf({ dataset, field }: Of) {
  const found = useQuery(explainQuery(dataset.namespace, `${dataset.name}.${field}`));
  if (found.isPending) return <Skeleton h={40} />;
  if (hasStatus(found.error, 404)) return <Text size="sm">No policy is in force.</Text>;
  if (found.isError) return <Text size="sm">{toProblem(found.error).detail}</Text>;
  const { mask, reason, verdicts, row_filters, roles } = found.data;
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          Through the masking proxy
        </Text>
        <Badge variant="light">{mask.kind}</Badge>
      </Group>
      <Text size="sm">{reason}</Text>
      <Text size="sm" c="dimmed">
        Roles that count: {roles.join(", ") || "none"}.
      </Text>
      {verdicts.map((verdict) => (
        <Text key={verdict.policy} size="sm">
          Policy {verdict.policy}: {verdict.mask.kind}
        </Text>
      ))}
      {row_filters.length > 0 && <Text size="sm">Rows are filtered by {row_filters.join(", ")}.</Text>}
    </div>
  );
}
