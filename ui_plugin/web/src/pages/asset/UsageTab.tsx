import { Paper, SegmentedControl, SimpleGrid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usageQuery } from "../../api/governance";
import type { DatasetDetail, UsageAnswer } from "../../api/types";
import { everyDay } from "../../charts/days";
import { formatNumber, plural } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";
import classes from "./AssetPage.module.css";

const SPANS = ["7", "30", "90"];
const MOST_ACCOUNTS = 8;

/** Who reads the asset and its columns, as query logs tell. */
export function UsageTab({ dataset }: { dataset: DatasetDetail }) {
  const [days, setDays] = useState("30");
  const usage = useQuery(usageQuery(dataset.namespace, dataset.name, Number(days)));
  return (
    <Stack>
      <div>
        <SegmentedControl
          size="xs"
          aria-label="How many days"
          value={days}
          onChange={setDays}
          data={SPANS.map((value) => ({ value, label: `${value} days` }))}
        />
      </div>
      {usage.isPending && <Skeleton h={240} />}
      {usage.isError && <ProblemNotice error={usage.error} onRetry={usage.refetch} />}
      {usage.data && (usage.data.dataset ? <Uses usage={usage.data} days={Number(days)} /> : <NoUse />)}
    </Stack>
  );
}

function NoUse() {
  return (
    <EmptyState title="No reads are known">
      Reads come from the source's query log. Harvest it with the query log on, and with the right to read it.
    </EmptyState>
  );
}

function Uses({ usage, days }: { usage: UsageAnswer; days: number }) {
  const most = Math.max(1, ...usage.days.map((day) => day.count));
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            {plural(usage.dataset?.count ?? 0, "read")} by {plural(usage.dataset?.account_count ?? 0, "account")}
          </Title>
          <div className={classes.days} role="img" aria-label={`Reads of each day, at most ${formatNumber(most)}`}>
            {everyDay(usage.days, days, { count: 0 }).map(({ day, count }) => (
              <div
                key={day}
                title={`${day}: ${formatNumber(count)}`}
                style={{ height: `${count && Math.max(2, (100 * count) / most)}%` }}
              />
            ))}
          </div>
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            Accounts
          </Title>
          {usage.dataset?.accounts.slice(0, MOST_ACCOUNTS).map(({ account, count }) => (
            <Text key={account ?? ""} size="sm">
              {account ?? "others"}: {formatNumber(count)}
            </Text>
          ))}
        </Paper>
      </SimpleGrid>
      <WideTable minWidth={480} verticalSpacing={6} aria-label="Reads by column">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th ta="right">Reads</Table.Th>
            <Table.Th ta="right">Accounts</Table.Th>
            <Table.Th>Last read</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {usage.fields.map((field) => (
            <Table.Tr key={field.field}>
              <Table.Td>{field.field}</Table.Td>
              <Table.Td ta="right">{formatNumber(field.count)}</Table.Td>
              <Table.Td ta="right">{formatNumber(field.account_count)}</Table.Td>
              <Table.Td>{field.last_day}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </>
  );
}
