import { Anchor, Badge, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router-dom";
import { usersQuery } from "../../api/admin";
import type { UserSummary } from "../../api/types";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";
import { GroupTable } from "./GroupTable";
import { NewUser } from "./NewUser";
import { Person } from "./Person";
import { isLocal, vouchedBy } from "./people";

/** People: those with a password here, who can be changed, and those whom an identity provider manages. */
export function UsersTab() {
  const users = useQuery(usersQuery);
  const [params, setParams] = useSearchParams();
  const chosen = users.data?.find((user) => user.id === params.get("person"));
  const choose = (id: string | null) => setParams({ tab: "people", ...(id ? { person: id } : {}) }, { replace: true });
  return (
    <InOrder>
      {users.isPending && <Skeleton h={160} />}
      {users.isError && <ProblemNotice error={users.error} onRetry={users.refetch} />}
      {users.data?.length === 0 && (
        <EmptyState title="Nobody yet">
          People of an identity provider appear with their first sign-in; others can be made below.
        </EmptyState>
      )}
      {chosen && <Person key={chosen.id} user={chosen} onClose={() => choose(null)} />}
      {users.data && users.data.length > 0 && <People users={users.data} onChoose={choose} />}
      <NewUser />
      <GroupTable />
    </InOrder>
  );
}

function People({ users, onChoose }: { users: UserSummary[]; onChoose: (id: string) => void }) {
  return (
    <WideTable minWidth={640} verticalSpacing="xs" aria-label="People">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Signs in by</Table.Th>
          <Table.Th>Groups</Table.Th>
          <Table.Th>Since</Table.Th>
          <Table.Th>State</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {users.map((user) => (
          <Table.Tr key={user.id}>
            <Table.Td>
              <Anchor component="button" type="button" size="sm" onClick={() => onChoose(user.id)}>
                {user.display_name ?? user.name}
              </Anchor>
              <Text size="xs" c="dimmed">
                {[user.display_name && user.name, user.email].filter(Boolean).join(", ")}
              </Text>
            </Table.Td>
            <Table.Td>
              {vouchedBy(user)} {!isLocal(user) && <Badge variant="default">managed there</Badge>}
            </Table.Td>
            <Table.Td>{user.groups.join(", ") || "–"}</Table.Td>
            <Table.Td>{formatTime(user.created_at)}</Table.Td>
            <Table.Td>{user.disabled_at ? `disabled ${formatTime(user.disabled_at)}` : "may sign in"}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
