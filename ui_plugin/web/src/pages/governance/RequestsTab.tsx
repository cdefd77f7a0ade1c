import {
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { KEYS, requestsQuery, rolesQuery } from "../../api/governance";
import { toProblem } from "../../api/problem";
import { sessionQuery } from "../../api/queries";
import type { RequestAnswer } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";

const STATES = ["pending", "approved", "rejected", "withdrawn"];
const DAY = 86_400_000;

/** What people ask for: changes of what is curated, and roles for a purpose and a time. */
export function RequestsTab() {
  const [state, setState] = useState("pending");
  const found = useQuery(requestsQuery({ state }));
  return (
    <Stack>
      <Group justify="space-between">
        <SegmentedControl size="xs" aria-label="State" value={state} onChange={setState} data={STATES} />
      </Group>
      {found.isPending && <Skeleton h={120} />}
      {found.isError && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      {found.data?.items.length === 0 && (
        <EmptyState title={`No request is ${state}`}>
          Proposed edits of assets and requests for access stand here until somebody else decides.
        </EmptyState>
      )}
      {found.data?.items.map((request) => (
        <OneRequest key={request.id} request={request} />
      ))}
      <AskForRole />
    </Stack>
  );
}

function OneRequest({ request }: { request: RequestAnswer }) {
  const session = useQuery(sessionQuery);
  const isOwn = session.data?.account_id === request.account_id;
  const decide = (action: "approve" | "reject" | "withdraw") => () =>
    bodyOf(
      api.POST("/api/v1/requests/{request_id}/decision", {
        params: { path: { request_id: request.id } },
        body: { action, note: "" },
      }),
    );
  const approval = { label: "Approve", question: "Approve this request?", act: decide("approve") };
  const decisions = request.decidable ? [approval, { label: "Reject", act: decide("reject") }] : [];
  const own = isOwn ? [{ label: "Withdraw", act: decide("withdraw") }] : [];
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Badge variant="light">{request.kind}</Badge>
            <Text fw={600}>{request.account}</Text>
            <Text size="sm" c="dimmed">
              {formatTime(request.created_at)}
            </Text>
          </Group>
          <Text size="sm">{request.reason}</Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {askedWords(request.asked)}
          </Text>
          {request.decided_by && (
            <Text size="sm">
              {request.state} by {request.decided_by}, {formatTime(request.decided_at)} {request.note}
            </Text>
          )}
        </div>
        {request.state === "pending" && <DecideButtons rereads={KEYS.requests} choices={[...decisions, ...own]} />}
      </Group>
    </Paper>
  );
}

/** What is asked, as short as its values are. */
function askedWords(asked: Record<string, unknown>): string {
  return Object.entries(asked)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}

function AskForRole() {
  const roles = useQuery(rolesQuery);
  const client = useQueryClient();
  const [role, setRole] = useState<string | null>(null);
  const [pattern, setPattern] = useState("");
  const [purpose, setPurpose] = useState("");
  const [days, setDays] = useState("30");
  const ask = useMutation({
    mutationFn: () => {
      const expires_at = new Date(Date.now() + Number(days) * DAY).toISOString();
      const body = { role: role ?? "", purpose, expires_at, scope: [{ datasets: [pattern] }] };
      return bodyOf(api.POST("/api/v1/requests/access", { body }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS.requests }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Ask for access
      </Title>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <Select
            label="Role"
            required
            w={140}
            value={role}
            onChange={setRole}
            data={roles.data?.map(({ name }) => name) ?? []}
          />
          <TextInput
            label="Assets"
            required
            placeholder="shop.marts.*"
            value={pattern}
            onChange={(event) => setPattern(event.currentTarget.value)}
          />
          <TextInput
            label="Purpose"
            required
            value={purpose}
            onChange={(event) => setPurpose(event.currentTarget.value)}
          />
          <Select
            label="For"
            w={110}
            allowDeselect={false}
            value={days}
            onChange={(value) => setDays(value ?? days)}
            data={SPANS}
          />
          <Button type="submit" loading={ask.isPending}>
            Ask
          </Button>
        </Group>
      </form>
      {ask.error && (
        <Text size="sm" role="alert" mt="xs">
          {toProblem(ask.error).detail}
        </Text>
      )}
      {ask.isSuccess && (
        <Text size="sm" role="status" mt="xs">
          Asked: an administrator decides.
        </Text>
      )}
    </Paper>
  );
}

const SPANS = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];
