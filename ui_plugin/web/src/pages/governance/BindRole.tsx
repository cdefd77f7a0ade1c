import { Button, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { rolesQuery } from "../../api/governance";
import { toProblem } from "../../api/problem";
import { ScopeFields } from "./ScopeFields";
import { NO_LIMIT, scopeOf } from "./scopeForm";
import { endOf, SPANS } from "./spans";

interface Props {
  /** Who gets the role; absent: the form asks. */
  subject?: { kind: "account" | "group"; id: string };
}

/** Gives a role to an account or a group, within a scope, for a purpose and a time. */
export function BindRole({ subject }: Props) {
  const roles = useQuery(rolesQuery);
  const client = useQueryClient();
  const [kind, setKind] = useState<"account" | "group">(subject?.kind ?? "group");
  const [id, setId] = useState(subject?.id ?? "");
  const [role, setRole] = useState<string | null>(null);
  const [scope, setScope] = useState(NO_LIMIT);
  const [purpose, setPurpose] = useState("");
  const [days, setDays] = useState("");
  const bind = useMutation({
    mutationFn: () => {
      const reach = scopeOf(scope);
      const end = endOf(days);
      const body = { role: role ?? "", subject_kind: kind, subject: id.trim(), purpose, scope: reach, expires_at: end };
      return bodyOf(api.POST("/api/v1/roles/bindings", { body }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: rolesQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    bind.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Title order={3} size="h6">
          Give a role
        </Title>
        <Group align="flex-end">
          {!subject && (
            <>
              <Select
                label="To"
                w={120}
                allowDeselect={false}
                value={kind}
                onChange={(value) => setKind(value === "account" ? "account" : "group")}
                data={["group", "account"]}
              />
              <TextInput
                label={kind === "group" ? "Group" : "Account's id"}
                required
                value={id}
                onChange={(event) => setId(event.currentTarget.value)}
              />
            </>
          )}
          <Select
            label="Role"
            required
            w={150}
            value={role}
            onChange={setRole}
            data={roles.data?.map(({ name }) => name) ?? []}
          />
          <TextInput label="Purpose" value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} />
          <Select
            label="For"
            w={120}
            allowDeselect={false}
            value={days}
            onChange={(value) => setDays(value ?? "")}
            data={[{ value: "", label: "no end" }, ...SPANS]}
          />
        </Group>
        <ScopeFields form={scope} onChange={setScope} />
        <Group>
          <Button type="submit" size="compact-md" loading={bind.isPending} disabled={role === null}>
            Give it
          </Button>
          {bind.error && (
            <Text size="sm" role="alert">
              {toProblem(bind.error).detail}
            </Text>
          )}
          {bind.isSuccess && (
            <Text size="sm" role="status">
              Given: it holds within seconds.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
