import { Badge, Group, Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { rightsQuery } from "../../api/admin";
import { ProblemNotice } from "../../ui/Notice";
import { reachWords } from "../../ui/reachWords";
import { WideTable } from "../../ui/WideTable";

/** What an account may do, where, and what gives it that; null: the reader's own account. */
export function RightsView({ account }: { account: string | null }) {
  const rights = useQuery(rightsQuery(account));
  if (rights.isPending) return <Skeleton h={80} />;
  if (rights.isError) return <ProblemNotice error={rights.error} onRetry={rights.refetch} />;
  if (rights.data.length === 0) return <Text size="sm">Nothing: no role is bound to the account or its groups.</Text>;
  return (
    <WideTable minWidth={560} verticalSpacing={6} aria-label="Rights">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>May</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>By</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rights.data.map((grant) => (
          <Table.Tr key={`${grant.origin} ${JSON.stringify(grant.scope)} ${grant.permissions.join()}`}>
            <Table.Td>
              <Group gap={4}>
                {grant.permissions.map((permission) => (
                  <Badge key={permission} variant="light" color="gray" tt="none">
                    {permission}
                  </Badge>
                ))}
              </Group>
            </Table.Td>
            <Table.Td>{grant.scope.length === 0 ? "nowhere" : grant.scope.map(reachWords).join("; or ")}</Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{grant.origin}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
