import { Button, Paper, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { impactQuery } from "../../api/impact";
import type { ImpactAnswer, Scenario, Verdict } from "../../api/types";
import { type ComparedAsset, compared, nameOfId, VERDICT_WORDS } from "../../impact/answer";
import { plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { Waiting } from "../../ui/Waiting";
import { WideTable } from "../../ui/WideTable";
import classes from "./ImpactPage.module.css";

const MOST_ROWS = 200;

/** The outcome beside that of a kept scenario, asset by asset. */
export function Compared({ here, other, onClose }: { here: ImpactAnswer; other: Scenario; onClose: () => void }) {
  const there = useQuery(impactQuery(other.asked));
  const rows = there.data ? compared(here, there.data) : [];
  const differing = rows.filter((row) => row.here !== row.there);
  return (
    <Paper withBorder p="md" mb="md">
      <Title order={2} size="h5" mb="xs">
        Compared with {other.title}
      </Title>
      {there.isPending && <Waiting what={`Trying ${other.title}`} onCancel={onClose} />}
      {there.isError && <ProblemNotice error={there.error} onRetry={there.refetch} />}
      {there.data && (
        <>
          <Text size="sm" c="dimmed" role="status" mb="xs">
            {differing.length === 0
              ? "Both do the same to every asset."
              : `${plural(differing.length, "asset")} of ${rows.length} fare differently.`}
          </Text>
          {differing.length > 0 && <Rows rows={differing.slice(0, MOST_ROWS)} other={other.title} />}
        </>
      )}
      <Button size="compact-sm" variant="default" mt="sm" onClick={onClose}>
        End the comparison
      </Button>
    </Paper>
  );
}

function Rows({ rows, other }: { rows: readonly ComparedAsset[]; other: string }) {
  return (
    <WideTable minWidth={560} verticalSpacing={4} layout="fixed" aria-label="Compared verdicts">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Asset</Table.Th>
          <Table.Th w={160}>These changes</Table.Th>
          <Table.Th w={160}>{other}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ id, here, there }) => (
          <Table.Tr key={id}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{nameOfId(id)}</Table.Td>
            <Table.Td>
              <VerdictWord verdict={here} />
            </Table.Td>
            <Table.Td>
              <VerdictWord verdict={there} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function VerdictWord({ verdict }: { verdict: Verdict | null }) {
  if (verdict === null) return <Text size="sm">Not reached</Text>;
  return (
    <span className={classes[verdict]}>
      <span className={classes.word}>{VERDICT_WORDS[verdict].label}</span>
    </span>
  );
}
