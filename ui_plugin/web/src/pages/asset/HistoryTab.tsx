import { Anchor, Button, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { historyPagesQuery } from "../../api/queries";
import type { Change, ChangedEdge, ChangedField, DatasetDetail } from "../../api/types";
import { momentOf, startAt, writeState } from "../../lineage/explorerState";
import { CauseOf } from "../../ui/CauseOf";
import { ChangeSign } from "../../ui/ChangeSign";
import { formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";

/** What changed when: columns, what feeds them and what they feed, each with its cause; newest first. */
export function HistoryTab({ dataset }: { dataset: DatasetDetail }) {
  const { namespace, name } = dataset;
  const history = useInfiniteQuery(historyPagesQuery({ namespace, name }));
  if (history.isPending) return <Text size="sm">Reading…</Text>;
  if (history.isError) return <ProblemNotice error={history.error} onRetry={history.refetch} />;
  const turns = turnsOf(history.data.pages.flatMap((page) => page.changes));
  if (turns.length === 0) {
    return (
      <EmptyState title="Nothing is known of its past">
        Its columns and lineage appear with the first harvest or event that states them.
      </EmptyState>
    );
  }
  return (
    <Stack>
      <WideTable minWidth={640} verticalSpacing="sm" layout="fixed" aria-label="History">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={170}>When</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th w="40%">Because of</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {turns.map((turn) => (
            <Table.Tr key={turn.key} style={{ verticalAlign: "top" }}>
              <Table.Td>
                <Anchor size="sm" component={Link} to={comparison(dataset, turn.at)} title="Show it in the graph">
                  {formatTime(turn.at)}
                </Anchor>
              </Table.Td>
              <Table.Td>
                {turn.changes.map((change, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: rows are never moved, and two may say the same.
                  <What key={index} change={change} own={name} />
                ))}
              </Table.Td>
              <Table.Td>
                <CauseOf cause={turn.cause} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => history.fetchNextPage()}>
          Older changes
        </Button>
      )}
    </Stack>
  );
}

/** All that one event changed at one moment. */
interface Turn {
  key: string;
  at: string;
  cause: Change["cause"];
  changes: Change[];
}

function turnsOf(changes: Change[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const change of changes) {
    const key = `${change.at} ${change.cause.event}`;
    const turn = turns.get(key);
    if (turn) turn.changes.push(change);
    else turns.set(key, { key, at: change.at, cause: change.cause, changes: [change] });
  }
  return [...turns.values()];
}

/** The graph just before a moment compared with just after it. */
function comparison({ namespace, name }: DatasetDetail, at: string): string {
  const after = Math.ceil(Date.parse(at) / 1000) * 1000;
  const root = startAt({ kind: "dataset", namespace, name });
  return `/lineage?${writeState({ ...root, compare: momentOf(after - 1000), asOf: momentOf(after) })}`;
}

function What({ change, own }: { change: Change; own: string }) {
  const side = change.after ?? change.before;
  return (
    <>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <ChangeSign change={change.op} />
        {side && subjectOf(side, own)}
      </Text>
      {change.op === "changed" && change.before && change.after && (
        <Text size="xs" c="dimmed">
          from {detailOf(change.before)} to {detailOf(change.after)}
        </Text>
      )}
    </>
  );
}

function isEdge(side: ChangedEdge | ChangedField): side is ChangedEdge {
  return "source" in side;
}

/** A column, or from where to where in words; the asset's own name is left out where a column tells enough. */
function subjectOf(side: ChangedEdge | ChangedField, own: string): string {
  if (!isEdge(side)) return `column ${side.field}${side.type ? ` (${side.type})` : ""}`;
  const how = side.subtype?.toLowerCase().replaceAll("_", " ") ?? side.kind.toLowerCase();
  return `${nameOf(side.source, own)} \u2192 ${nameOf(side.target, own)} (${how}${side.job ? `, ${side.job.name}` : ""})`;
}

function detailOf(side: ChangedEdge | ChangedField): string {
  if (!isEdge(side)) return side.type ?? "no type";
  return side.expression ?? side.subtype ?? side.kind;
}

/** The name in an id such as `datasetField:NAMESPACE:NAME:FIELD`, without the namespace, which may hold colons. */
function nameOf(id: string, own: string): string {
  const parts = id.split(":");
  const [name = id, field] = id.startsWith("datasetField:") ? parts.slice(-2) : parts.slice(-1);
  if (field === undefined) return name === own ? "this asset" : name;
  return name === own ? field : `${name} . ${field}`;
}
