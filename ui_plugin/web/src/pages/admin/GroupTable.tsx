import { Skeleton, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { groupsQuery } from "../../api/admin";
import { api } from "../../api/client";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatNumber, plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";

/** Groups that people are in, given here or told by a provider; one that is disabled gives no rights. */
export function GroupTable() {
  const groups = useQuery(groupsQuery);
  if (groups.isPending) return <Skeleton h={80} />;
  if (groups.isError) return <ProblemNotice error={groups.error} onRetry={groups.refetch} />;
  const title = (
    <Title order={2} size="h5" mb="xs">
      Groups
    </Title>
  );
  if (groups.data.length === 0)
    return (
      <div>
        {title}
        <Text size="sm">Nobody is in a group.</Text>
      </div>
    );
  return (
    <div>
      {title}
      <WideTable minWidth={560} verticalSpacing="xs" aria-label="Groups">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Group</Table.Th>
            <Table.Th ta="right">People</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th w={360}>Change</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.data.map(({ name, member_count, disabled }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{formatNumber(member_count)}</Table.Td>
              <Table.Td>{disabled ? "disabled: gives no rights" : "gives the rights of its roles"}</Table.Td>
              <Table.Td>
                <DecideButtons
                  key={String(disabled)}
                  rereads={["users"]}
                  choices={[
                    disabled
                      ? { label: "Enable again", act: () => change(name, false) }
                      : {
                          label: "Disable",
                          question: `Sessions of ${plural(member_count, "person", "people")} end. Disable?`,
                          act: () => change(name, true),
                        },
                  ]}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

function change(group: string, disabled: boolean): Promise<unknown> {
  return api.PUT("/api/v1/groups/{group}", { params: { path: { group } }, body: { disabled } });
}
