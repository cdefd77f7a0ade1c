import { Button, Group, Paper, Select, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { toProblem } from "../../api/problem";
import { SecretOnce } from "./SecretOnce";

const SPANS = ["7", "30", "90", "365"].map((days) => ({ value: days, label: `${days} days` }));
const FOREVER = { value: "", label: "no end" };

/** Makes a token: of one's own, or of a service, whose name is its account. */
export function NewToken({ isOwn }: { isOwn: boolean }) {
  const [name, setName] = useState("");
  const [authority, setAuthority] = useState("viewer");
  const [days, setDays] = useState("90");
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => create(isOwn, name.trim(), linesOf(authority), days),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data)
    return <SecretOnce title={`The token of ${make.data.name}`} secret={make.data.token} onClose={make.reset} />;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Make a token
      </Title>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Group align="flex-start">
            {!isOwn && (
              <TextInput
                label="Name"
                description="The account; a second token of a name is for rotation"
                required
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            )}
            <Textarea
              label="Allows"
              description="One a line: viewer, viewer:dataset=postgres://*/shop.*, producer:airflow, harvest:…"
              required
              rows={2}
              style={{ flex: 1, minWidth: 280 }}
              value={authority}
              onChange={(event) => setAuthority(event.currentTarget.value)}
            />
            <Select
              label="For"
              description="Then it ends"
              w={120}
              allowDeselect={false}
              value={days}
              onChange={(value) => setDays(value ?? days)}
              data={isOwn ? SPANS : [...SPANS, FOREVER]}
            />
          </Group>
          {isOwn && (
            <Text size="xs" c="dimmed">
              It never allows more than you may yourself when it is used.
            </Text>
          )}
          {make.error && (
            <Text size="sm" role="alert">
              {toProblem(make.error).detail}
            </Text>
          )}
          <Button type="submit" w="fit-content" loading={make.isPending}>
            Make it
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function create(isOwn: boolean, name: string, authority: string[], days: string) {
  if (isOwn) return bodyOf(api.POST("/api/v1/tokens/own", { body: { authority, expires_days: Number(days) } }));
  const ends = days === "" ? {} : { expires_days: Number(days) };
  return bodyOf(api.POST("/api/v1/tokens", { body: { name, authority, ...ends } }));
}
