import { Badge, Group, Paper, SegmentedControl, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router-dom";
import { api, bodyOf } from "../../api/client";
import { KEYS, requestsQuery } from "../../api/governance";
import { sessionQuery } from "../../api/queries";
import type { RequestAnswer } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { AskForRole } from "./AskForRole";
import { askedWords, endWords } from "./askedWords";

const STATES = ["pending", "approved", "rejected", "withdrawn"];

/** What people ask for: changes of what is curated, and roles for a purpose and a time. */
export function RequestsTab() {
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? "pending";
  const setState = (next: string) => setParams({ tab: "requests", state: next }, { replace: true });
  const found = useQuery(requestsQuery({ state }));
  return (
    <InOrder>
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
    </InOrder>
  );
}

function OneRequest({ request }: { request: RequestAnswer }) {
  const session = useQuery(sessionQuery);
  const [note, setNote] = useState("");
  const isOwn = session.data?.account_id === request.account_id;
  const decide = (action: "approve" | "reject" | "withdraw") => () =>
    bodyOf(
      api.POST("/api/v1/requests/{request_id}/decision", {
        params: { path: { request_id: request.id } },
        body: { action, note },
      }),
    );
  const question = isBreakGlass(request) ? "Give it, with an alarm?" : "Approve this request?";
  const approval = { label: "Approve", question, act: decide("approve") };
  const decisions = request.decidable ? [approval, { label: "Reject", act: decide("reject") }] : [];
  const own = isOwn ? [{ label: "Withdraw", act: decide("withdraw") }] : [];
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Badge
              variant={isBreakGlass(request) ? "filled" : "light"}
              color={isBreakGlass(request) ? "red" : "indigo"}
            >
              {isBreakGlass(request) ? "emergency" : request.kind}
            </Badge>
            <Text fw={600}>{request.account}</Text>
            <Text size="sm" c="dimmed">
              {formatTime(request.created_at)}
            </Text>
          </Group>
          <Text size="sm">{request.reason}</Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {askedWords(request.asked)}
          </Text>
          {endWords(request.asked) && <Text size="sm">{endWords(request.asked)}</Text>}
          {request.decided_by && (
            <Text size="sm">
              {request.state} by {request.decided_by}, {formatTime(request.decided_at)} {request.note}
            </Text>
          )}
        </div>
        {request.state === "pending" && (
          <Stack gap={6}>
            {request.decidable && (
              <TextInput
                size="xs"
                aria-label="Note for who asked"
                placeholder="A note"
                maxLength={1000}
                value={note}
                onChange={(event) => setNote(event.currentTarget.value)}
              />
            )}
            <DecideButtons rereads={KEYS.requests} choices={[...decisions, ...own]} />
          </Stack>
        )}
      </Group>
    </Paper>
  );
}

function isBreakGlass({ kind }: Pick<RequestAnswer, "kind">): boolean {
  return kind === "break-glass";
}
