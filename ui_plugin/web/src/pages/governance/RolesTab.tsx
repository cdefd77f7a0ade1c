import { Badge, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { bindingsQuery, rolesQuery } from "../../api/governance";
import { formatTime } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { reachWords } from "../../ui/reachWords";

/** What each role may do, and who has it where, until when and for what. */
export function RolesTab({ maySeeBindings }: { maySeeBindings: boolean }) {
  const roles = useQuery(rolesQuery);
  if (roles.isPending) return <Skeleton h={200} />;
  if (roles.isError) return <ProblemNotice error={roles.error} onRetry={roles.refetch} />;
  return (
    <Stack gap="xl">
      <Table verticalSpacing="xs" aria-label="Roles">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Role</Table.Th>
            <Table.Th>May</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {roles.data.map((role) => (
            <Table.Tr key={role.name}>
              <Table.Td>
                {role.name} {!role.built_in && <Badge variant="default">own</Badge>}
              </Table.Td>
              <Table.Td>
                <Group gap={6}>
                  {role.permissions.map((permission) => (
                    <Badge key={permission} variant="light" color="gray" tt="none">
                      {permission}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {maySeeBindings && <Bindings />}
    </Stack>
  );
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
      {bindings.data.length === 0 && (
        <Text size="sm">
          Nobody yet but by tokens: <code>nexus role bind</code> gives a role to an account or group.
        </Text>
      )}
      {bindings.data.length > 0 && (
        <Table verticalSpacing="xs" aria-label="Bindings">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>Until</Table.Th>
              <Table.Th>For</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bindings.data.map((binding) => (
              <Table.Tr key={binding.id}>
                <Table.Td>
                  {binding.subject} ({binding.subject_kind})
                </Table.Td>
                <Table.Td>{binding.role}</Table.Td>
                <Table.Td>{binding.scope.map(reachWords).join("; or ")}</Table.Td>
                <Table.Td>{binding.expires_at ? formatTime(binding.expires_at) : "no end"}</Table.Td>
                <Table.Td>{binding.purpose}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
