import { Button, Group, Paper, PasswordInput, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { usersQuery } from "../../api/admin";
import { api, bodyOf } from "../../api/client";
import { toProblem } from "../../api/problem";
import { namesIn } from "./people";

const EMPTY = { name: "", email: "", groups: "", password: "" };
const FIELDS = [
  { key: "name", label: "Name", required: true },
  { key: "email", label: "E-mail", required: false },
  { key: "groups", label: "Groups", required: false },
] as const;

/** Makes a person who signs in with a name and a password of LineageNexus. */
export function NewUser() {
  const [form, setForm] = useState(EMPTY);
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => {
      const { name, email, password, groups } = form;
      const body = {
        name: name.trim(),
        password,
        groups: namesIn(groups),
        ...(email.trim() ? { email: email.trim() } : {}),
      };
      return bodyOf(api.POST("/api/v1/users", { body }));
    },
    onSuccess: () => {
      setForm(EMPTY);
      return client.invalidateQueries({ queryKey: usersQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Make a person
      </Title>
      <form onSubmit={submit}>
        <Group align="flex-end">
          {FIELDS.map(({ key, label, required }) => (
            <TextInput
              key={key}
              label={label}
              required={required}
              autoComplete="off"
              {...(key === "groups" ? { placeholder: "stewards, analysts" } : {})}
              value={form[key]}
              onChange={(event) => setForm({ ...form, [key]: event.currentTarget.value })}
            />
          ))}
          <PasswordInput
            label="Password"
            required
            w={220}
            autoComplete="new-password"
            value={form.password}
            onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
          />
          <Button type="submit" loading={make.isPending}>
            Make
          </Button>
        </Group>
      </form>
      {make.error && (
        <Text size="sm" role="alert" mt="xs">
          {toProblem(make.error).detail}
        </Text>
      )}
      {make.data && (
        <Text size="sm" role="status" mt="xs">
          {make.data.name} may sign in; a role gives the right to see something.
        </Text>
      )}
    </Paper>
  );
}
