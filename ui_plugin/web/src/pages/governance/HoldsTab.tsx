import { Skeleton, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { holdsQuery, KEYS } from "../../api/governance";
import type { Hold } from "../../api/types";
import { ActForm } from "../../ui/ActForm";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";

/** Legal holds: what they cover is neither erased nor pruned until they end. */
export function HoldsTab({ mayDecide }: { mayDecide: boolean }) {
  const holds = useQuery(holdsQuery);
  return (
    <InOrder gap="lg">
      {holds.isPending && <Skeleton h={160} />}
      {holds.isError && <ProblemNotice error={holds.error} onRetry={holds.refetch} />}
      {holds.data?.length === 0 && (
        <EmptyState title="Nothing is held">
          While a hold is in force, records of the audit log and their data are neither erased nor pruned.
        </EmptyState>
      )}
      {holds.data && holds.data.length > 0 && <Holds holds={holds.data} mayDecide={mayDecide} />}
      {mayDecide && <PlaceHold />}
    </InOrder>
  );
}

function Holds({ holds, mayDecide }: { holds: readonly Hold[]; mayDecide: boolean }) {
  return (
    <WideTable minWidth={760} verticalSpacing="xs" aria-label="Legal holds">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Of</Table.Th>
          <Table.Th>Why</Table.Th>
          <Table.Th>Placed</Table.Th>
          <Table.Th w={340}>End</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {holds.map((hold) => (
          <Table.Tr key={hold.id}>
            <Table.Td title={hold.account_id ?? ""}>
              {hold.account_id === null ? "everything" : hold.account || hold.account_id}
            </Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{hold.reason}</Table.Td>
            <Table.Td>
              {formatTime(hold.placed_at)}
              <Text size="xs" c="dimmed">
                {hold.placed_by || "on the command line"}
              </Text>
            </Table.Td>
            <Table.Td>{hold.ended_at || !mayDecide ? <Ended hold={hold} /> : <EndHold hold={hold} />}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Ended({ hold }: { hold: Hold }) {
  if (hold.ended_at === null) return "in force";
  return (
    <>
      {formatTime(hold.ended_at)}
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {[hold.ended_by, hold.end_reason].filter(Boolean).join(": ")}
      </Text>
    </>
  );
}

function EndHold({ hold }: { hold: Hold }) {
  const [reason, setReason] = useState("");
  const params = { path: { hold_id: hold.id } };
  return (
    <ActForm
      label="End it"
      act={() => bodyOf(api.POST("/api/v1/holds/{hold_id}/end", { params, body: { reason: reason.trim() } }))}
      rereads={[KEYS.holds]}
    >
      <TextInput
        size="xs"
        required
        aria-label={`Why the hold "${hold.reason}" ends`}
        placeholder="Why it ends"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ActForm>
  );
}

function PlaceHold() {
  const [reason, setReason] = useState("");
  const [account, setAccount] = useState("");
  const clear = () => {
    setReason("");
    setAccount("");
  };
  return (
    <ActForm
      title="Place a hold"
      label="Place it"
      act={() => place(reason.trim(), account.trim())}
      rereads={[KEYS.holds]}
      onDone={clear}
      done={() => "Held, until somebody ends it."}
    >
      <TextInput
        label="Why"
        required
        w={320}
        placeholder="A case, an order"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label="Account's id"
        description="Empty: everything"
        value={account}
        onChange={(event) => setAccount(event.currentTarget.value)}
      />
    </ActForm>
  );
}

function place(reason: string, account: string) {
  const of = account === "" ? {} : { account_id: account };
  return bodyOf(api.POST("/api/v1/holds", { body: { reason, ...of } }));
}
