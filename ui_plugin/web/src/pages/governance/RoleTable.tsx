import { Badge, Button, Checkbox, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { rolesQuery } from "../../api/governance";
import { toProblem } from "../../api/problem";
import type { RoleAnswer } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { WideTable } from "../../ui/WideTable";

type Permission = RoleAnswer["permissions"][number];

const MEANINGS: Record<Permission, string> = {
  read: "search, lineage, history, usage",
  ingest: "send events",
  harvest: "test and harvest sources",
  curate: "curated metadata, dead letters",
  govern: "classes, policies, approvals",
  audit: "the audit log",
  "events:raw": "events with their literals",
  admin: "tokens, roles, people; everywhere",
};
const PERMISSIONS = Object.keys(MEANINGS) as Permission[];

/** The roles; those of one's own can be made, changed and removed. */
export function RoleTable({ roles }: { roles: RoleAnswer[] }) {
  const [edited, setEdited] = useState<RoleAnswer | null>(null);
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        Roles
      </Title>
      <WideTable minWidth={640} verticalSpacing="xs" aria-label="Roles">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Role</Table.Th>
            <Table.Th>May</Table.Th>
            <Table.Th w={230}>Change</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {roles.map((role) => (
            <Table.Tr key={role.name}>
              <Table.Td>{role.name}</Table.Td>
              <Table.Td>
                <Permissions of={role.permissions} />
              </Table.Td>
              <Table.Td>
                {role.built_in ? (
                  <Text size="xs" c="dimmed">
                    built in
                  </Text>
                ) : (
                  <Group gap={6} wrap="nowrap">
                    <Button size="compact-sm" variant="default" onClick={() => setEdited(role)}>
                      Edit
                    </Button>
                    <DecideButtons
                      rereads={rolesQuery.queryKey}
                      choices={[{ label: "Remove", question: "Remove it?", act: () => remove(role.name) }]}
                    />
                  </Group>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <EditRole key={edited?.name ?? ""} role={edited} onDone={() => setEdited(null)} />
    </div>
  );
}

function Permissions({ of }: { of: readonly string[] }) {
  return (
    <Group gap={6}>
      {of.map((permission) => (
        <Badge key={permission} variant="light" color="gray" tt="none">
          {permission}
        </Badge>
      ))}
    </Group>
  );
}

function remove(name: string) {
  return api.DELETE("/api/v1/roles/{name}", { params: { path: { name } } });
}

/** Makes a role, or changes what one allows. */
function EditRole({ role, onDone }: { role: RoleAnswer | null; onDone: () => void }) {
  const [name, setName] = useState(role?.name ?? "");
  const [chosen, setChosen] = useState<Permission[]>(role?.permissions ?? ["read"]);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      role
        ? bodyOf(api.PUT("/api/v1/roles/{name}", { params: { path: { name } }, body: { permissions: chosen } }))
        : bodyOf(api.POST("/api/v1/roles", { body: { name: name.trim(), permissions: chosen } })),
    onSuccess: () => {
      onDone();
      setName("");
      return client.invalidateQueries({ queryKey: rolesQuery.queryKey });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs" mt="md">
        <Title order={3} size="h6">
          {role ? `Change ${role.name}` : "Make a role"}
        </Title>
        <Group align="flex-end">
          {!role && (
            <TextInput
              label="Name"
              required
              placeholder="loader"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <Checkbox.Group label="May" value={chosen} onChange={(next) => setChosen(next as Permission[])}>
            <Group gap="sm" mt={4}>
              {PERMISSIONS.map((permission) => (
                <Checkbox key={permission} value={permission} label={permission} title={MEANINGS[permission]} />
              ))}
            </Group>
          </Checkbox.Group>
        </Group>
        {save.error && (
          <Text size="sm" role="alert">
            {toProblem(save.error).detail}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" size="compact-md" loading={save.isPending} disabled={chosen.length === 0}>
            {role ? "Save: who has it has this at once" : "Make it"}
          </Button>
          {role && (
            <Button size="compact-md" variant="default" onClick={onDone}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
