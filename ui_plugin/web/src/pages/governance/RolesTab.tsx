import { Badge, Group, Skeleton, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { bindingsQuery, rolesQuery } from "../../api/governance";
import type { BindingAnswer } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { ProblemNotice } from "../../ui/Notice";
import { reachWords } from "../../ui/reachWords";
import { WideTable } from "../../ui/WideTable";
import { BindRole } from "./BindRole";
import { RightsView } from "./RightsView";
import { RoleTable } from "./RoleTable";
import { useSubjectWords } from "./useSubjectWords";

/** What the reader may do; for administrators the roles, who has them where, until when and for what. */
export function RolesTab({ mayManage }: { mayManage: boolean }) {
  return (
    <InOrder gap="xl">
      <div>
        <Title order={2} size="h5" mb="xs">
          What you may do
        </Title>
        <RightsView account={null} />
      </div>
      {mayManage && <Roles />}
      {mayManage && <Bindings />}
      {mayManage && <BindRole />}
      {mayManage && <RightsOf />}
    </InOrder>
  );
}

function Roles() {
  const roles = useQuery(rolesQuery);
  if (roles.isPending) return <Skeleton h={200} />;
  if (roles.isError) return <ProblemNotice error={roles.error} onRetry={roles.refetch} />;
  return <RoleTable roles={roles.data} />;
}

function Bindings() {
  const bindings = useQuery(bindingsQuery);
  if (bindings.isPending) return <Skeleton h={120} />;
  if (bindings.isError) return <ProblemNotice error={bindings.error} onRetry={bindings.refetch} />;
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        Who has them
      </Title>
      {bindings.data.length === 0 ? (
        <Text size="sm">Nobody yet but by tokens: give a role to an account or a group below.</Text>
      ) : (
        <BindingTable bindings={bindings.data} />
      )}
    </div>
  );
}

function BindingTable({ bindings }: { bindings: BindingAnswer[] }) {
  const wordsOf = useSubjectWords();
  return (
    <WideTable minWidth={800} verticalSpacing="xs" aria-label="Bindings">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Who</Table.Th>
          <Table.Th>Role</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>Until</Table.Th>
          <Table.Th>For</Table.Th>
          <Table.Th w={190}>End it</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {bindings.map((binding) => (
          <Table.Tr key={binding.id}>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{wordsOf(binding.subject_kind, binding.subject)}</Table.Td>
            <Table.Td>{binding.role}</Table.Td>
            <Table.Td>{binding.scope.map(reachWords).join("; or ")}</Table.Td>
            <Table.Td>
              <Until at={binding.expires_at} />
            </Table.Td>
            <Table.Td>{binding.purpose}</Table.Td>
            <Table.Td>
              <DecideButtons
                rereads={rolesQuery.queryKey}
                choices={[{ label: "End", question: "End it now?", act: () => unbind(binding.id) }]}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Until({ at }: { at: string | null }) {
  if (at === null) return "no end";
  const isOver = Date.parse(at) <= Date.now();
  return (
    <Group gap={6}>
      {formatTime(at)} {isOver && <Badge variant="default">over</Badge>}
    </Group>
  );
}

function unbind(id: string) {
  return api.DELETE("/api/v1/roles/bindings/{binding_id}", { params: { path: { binding_id: id } } });
}

/** What another account may do, by its id. */
function RightsOf() {
  const [account, setAccount] = useState("");
  const isId = /^acc_\w+$/.test(account.trim());
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        What somebody else may do
      </Title>
      <TextInput
        label="Account's id"
        description="People have theirs under Administration, People"
        placeholder="acc_…"
        maw={320}
        mb="sm"
        value={account}
        onChange={(event) => setAccount(event.currentTarget.value)}
      />
      {isId && <RightsView account={account.trim()} />}
    </div>
  );
}
