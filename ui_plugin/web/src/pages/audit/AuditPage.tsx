import { Badge, Button, Container, Group, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router-dom";
import { type AuditQuery, auditPagesQuery } from "../../api/governance";
import type { AuditRecord } from "../../api/types";
import { formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";
import { PageHead } from "../PageHead";
import { ProofPanel } from "./ProofPanel";

const FILTERS = ["action", "account", "target", "from", "to"] as const;
const TYPING_MS = 250;

/** Who did what to what, newest first; filters lie in the URL. */
export default function AuditPage() {
  const [params, setParams] = useSearchParams();
  const [settled] = useDebouncedValue(params.toString(), TYPING_MS);
  const pages = useInfiniteQuery(auditPagesQuery(queryOf(new URLSearchParams(settled))));
  const records = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const proven = records.find((record) => placeOf(record) === params.get("prove"));
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  return (
    <Container size="xl" py="lg">
      <PageHead title="Audit">
        Every act that changes rights, rules or metadata. "Prove" checks one here; <code>nexus audit verify</code>{" "}
        proves that none is missing.
      </PageHead>
      <Group mb="md">
        {FILTERS.map((name) => (
          <TextInput
            key={name}
            size="xs"
            label={LABELS[name]}
            placeholder={PLACEHOLDERS[name]}
            type={name === "from" || name === "to" ? "date" : "text"}
            value={params.get(name) ?? ""}
            onChange={(event) => set(name, event.currentTarget.value)}
          />
        ))}
      </Group>
      {pages.isPending && <Skeleton h={300} />}
      {pages.isError && <ProblemNotice error={pages.error} onRetry={pages.refetch} />}
      {pages.isSuccess && records.length === 0 && (
        <EmptyState title="Nothing of that kind is recorded">Try fewer filters.</EmptyState>
      )}
      {proven && (
        <ProofPanel
          key={placeOf(proven)}
          record={proven}
          onClose={() => {
            set("prove", "");
          }}
        />
      )}
      {records.length > 0 && <Records records={records} onProve={(record) => set("prove", placeOf(record))} />}
      {pages.hasNextPage && (
        <Button variant="default" mt="md" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          Older records
        </Button>
      )}
    </Container>
  );
}

const LABELS = { action: "Action", account: "Account", target: "Target", from: "From (UTC)", to: "Before (UTC)" };
const PLACEHOLDERS = { action: "token.create", account: "an account's id", target: "token=tok_1", from: "", to: "" };

function queryOf(params: URLSearchParams): AuditQuery {
  const [action, account, target, from, to] = FILTERS.map((name) => params.get(name));
  return {
    ...(action ? { action: [action] as NonNullable<AuditQuery["action"]> } : {}),
    ...(account ? { account } : {}),
    ...(target ? { target } : {}),
    ...(from ? { from: `${from}T00:00:00Z` } : {}),
    ...(to ? { to: `${to}T00:00:00Z` } : {}),
  };
}

function placeOf({ writer, seq }: AuditRecord): string {
  return `${writer} ${seq}`;
}

function Records({ records, onProve }: { records: AuditRecord[]; onProve: (record: AuditRecord) => void }) {
  return (
    <WideTable minWidth={900} verticalSpacing={6} layout="fixed" aria-label="Audit records">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={180}>When</Table.Th>
          <Table.Th w={190}>Action</Table.Th>
          <Table.Th w={110}>Outcome</Table.Th>
          <Table.Th w={190}>Who</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th w={90}>Proof</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {records.map((record) => (
          <Table.Tr key={placeOf(record)} style={{ verticalAlign: "top" }}>
            <Table.Td>{formatTime(record.at)}</Table.Td>
            <Table.Td>{record.action}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={record.outcome === "done" ? "gray" : "orange"} tt="none">
                {record.outcome}
              </Badge>
            </Table.Td>
            <Table.Td>
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {actorOf(record)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Values of={{ ...record.target, ...withoutActor(record) }} />
              {record.erased.length > 0 && (
                <Text size="xs" c="dimmed">
                  erased: {record.erased.join(", ")}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              {record.position == null ? (
                <Text size="xs" c="dimmed" title="The signer takes new records in within a minute">
                  not signed yet
                </Text>
              ) : (
                <Button size="compact-xs" variant="default" onClick={() => onProve(record)}>
                  Prove
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function actorOf({ personal }: AuditRecord): string {
  const actor = personal.actor as { name?: string; id?: string } | null | undefined;
  return actor?.name ?? actor?.id ?? "–";
}

function withoutActor({ personal: { actor: _, ...others } }: AuditRecord): Record<string, unknown> {
  return others;
}

function Values({ of }: { of: Record<string, unknown> }) {
  const words = Object.entries(of)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return (
    <Text size="xs" style={{ overflowWrap: "anywhere" }}>
      {words.join(" · ")}
    </Text>
  );
}
