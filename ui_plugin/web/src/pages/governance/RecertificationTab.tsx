import { Badge, Button, Group, Paper, Select, Skeleton, Table, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { recertificationsQuery, recertifiedQuery } from "../../api/admin";
import { api, bodyOf } from "../../api/client";
import { rolesQuery } from "../../api/governance";
import { toProblem } from "../../api/problem";
import type { RecertificationAnswer, RecertifiedBinding, ScopeReach } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { reachWords } from "../../ui/reachWords";
import { WideTable } from "../../ui/WideTable";
import { endOf, SPANS } from "./spans";
import { useSubjectWords } from "./useSubjectWords";

/** Role bindings that must be confirmed by a date, or end then. */
export function RecertificationTab() {
  const found = useQuery(recertificationsQuery);
  const [open, setOpen] = useState<string | null>(null);
  return (
    <InOrder>
      {found.isPending && <Skeleton h={120} />}
      {found.isError && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      {found.data?.length === 0 && (
        <EmptyState title="No recertification yet">
          Start one to have every role binding confirmed by a date; what nobody confirms ends then.
        </EmptyState>
      )}
      {found.data?.map((one) => (
        <One key={one.id} one={one} isOpen={open === one.id} onOpen={() => setOpen(open === one.id ? null : one.id)} />
      ))}
      <Start onStarted={setOpen} />
    </InOrder>
  );
}

interface OneProps {
  one: RecertificationAnswer;
  isOpen: boolean;
  onOpen: () => void;
}

function One({ one, isOpen, onOpen }: OneProps) {
  const isOver = Date.parse(one.due_at) <= Date.now();
  return (
    <Paper withBorder p="md">
      <Group justify="space-between">
        <div>
          <Group gap="xs">
            <Text fw={600}>{one.title}</Text>
            {isOver && <Badge variant="default">over</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            by {formatTime(one.due_at)}
          </Text>
        </div>
        <Button size="compact-sm" variant="default" aria-expanded={isOpen} onClick={onOpen}>
          {isOpen ? "Close" : "Look through"}
        </Button>
      </Group>
      {isOpen && <Items id={one.id} isOver={isOver} />}
    </Paper>
  );
}

function Items({ id, isOver }: { id: string; isOver: boolean }) {
  const items = useQuery(recertifiedQuery(id));
  if (items.isPending) return <Skeleton h={100} mt="sm" />;
  if (items.isError) return <ProblemNotice error={items.error} onRetry={items.refetch} />;
  if (items.data.length === 0) return <Text size="sm">There was no binding when it began.</Text>;
  return (
    <WideTable minWidth={720} verticalSpacing="xs" mt="sm" aria-label="Bindings to confirm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Who</Table.Th>
          <Table.Th>Role</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>For</Table.Th>
          <Table.Th w={230}>Decision</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.data.map((item) => (
          <Item key={item.binding_id} id={id} item={item} isOver={isOver} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

interface Bound {
  subject?: string;
  subject_kind?: string;
  role?: string;
  purpose?: string;
  scope?: ScopeReach[] | string;
}

function Item({ id, item, isOver }: { id: string; item: RecertifiedBinding; isOver: boolean }) {
  const of = item.binding as Bound;
  const wordsOf = useSubjectWords();
  const decide = (action: "confirm" | "end") => () =>
    api.POST("/api/v1/recertifications/{recertification_id}/bindings/{binding_id}", {
      params: { path: { recertification_id: id, binding_id: item.binding_id } },
      body: { action },
    });
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{wordsOf(of.subject_kind, of.subject)}</Table.Td>
      <Table.Td>{of.role}</Table.Td>
      <Table.Td>{scopeWords(of.scope)}</Table.Td>
      <Table.Td>{of.purpose}</Table.Td>
      <Table.Td>
        {item.state === "open" && !isOver ? (
          <DecideButtons
            rereads={recertificationsQuery.queryKey}
            choices={[
              { label: "Confirm", act: decide("confirm") },
              { label: "End", question: "End it now?", act: decide("end") },
            ]}
          />
        ) : (
          <Text size="sm">
            {item.state === "open" ? "ended, nobody confirmed it" : item.state}
            {item.decided_at && `, ${formatTime(item.decided_at)}`}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function scopeWords(scope: Bound["scope"]): string {
  const reaches = typeof scope === "string" ? (JSON.parse(scope) as ScopeReach[]) : (scope ?? []);
  return Array.isArray(reaches) ? reaches.map(reachWords).join("; or ") : "everything";
}

function Start({ onStarted }: { onStarted: (id: string) => void }) {
  const roles = useQuery(rolesQuery);
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const [role, setRole] = useState<string | null>(null);
  const [days, setDays] = useState("30");
  const start = useMutation({
    mutationFn: () => {
      const body = { title: title.trim(), due_at: endOf(days) ?? "", role };
      return bodyOf(api.POST("/api/v1/recertifications", { body }));
    },
    onSuccess: (made) => {
      onStarted(made.id);
      return client.invalidateQueries({ queryKey: recertificationsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Start a recertification
      </Title>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="Title"
            required
            placeholder="Fourth quarter"
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Select
            label="Of the role"
            placeholder="all"
            clearable
            w={150}
            value={role}
            onChange={setRole}
            data={roles.data?.map(({ name }) => name) ?? []}
          />
          <Select
            label="Within"
            w={120}
            allowDeselect={false}
            value={days}
            onChange={(value) => setDays(value ?? days)}
            data={SPANS}
          />
          <Button type="submit" loading={start.isPending}>
            Start
          </Button>
        </Group>
      </form>
      {start.error && (
        <Text size="sm" role="alert" mt="xs">
          {toProblem(start.error).detail}
        </Text>
      )}
    </Paper>
  );
}
