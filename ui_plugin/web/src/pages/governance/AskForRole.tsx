import {
  Autocomplete,
  Button,
  Group,
  NumberInput,
  Paper,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { KEYS } from "../../api/governance";
import { toProblem } from "../../api/problem";
import { endOf, SPANS } from "./spans";

const BUILT_IN = ["viewer", "analyst", "steward", "auditor", "producer"];
const KINDS = [
  { value: "access", label: "Ask for access" },
  { value: "emergency", label: "In an emergency" },
];
const EMPTY = { role: "", pattern: "", purpose: "", days: "30", minutes: 60 };
type Form = typeof EMPTY;

/** Asks for a role for a purpose and a time; in an emergency for minutes, with an alarm. Somebody else approves. */
export function AskForRole() {
  const client = useQueryClient();
  const [kind, setKind] = useState("access");
  const [form, setForm] = useState(EMPTY);
  const isEmergency = kind === "emergency";
  const ask = useMutation({
    mutationFn: () => (isEmergency ? breakGlass(form) : askAccess(form)),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS.requests }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  const put = (part: Partial<Form>) => setForm({ ...form, ...part });
  return (
    <Paper withBorder p="md">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SegmentedControl
            w="fit-content"
            size="xs"
            aria-label="What for"
            value={kind}
            onChange={setKind}
            data={KINDS}
          />
          {isEmergency && (
            <Text size="sm">
              A second person approves at once or not at all; an alarm tells of it, and it ends by itself.
            </Text>
          )}
          <Group align="flex-end">
            <Autocomplete
              label="Role"
              required
              w={140}
              value={form.role}
              onChange={(role) => put({ role })}
              data={BUILT_IN}
            />
            <TextInput
              label="Assets"
              required={!isEmergency}
              placeholder={isEmergency ? "all" : "postgres://*/shop.marts.*"}
              value={form.pattern}
              onChange={(event) => put({ pattern: event.currentTarget.value })}
            />
            <TextInput
              label={isEmergency ? "What happened" : "Purpose"}
              required
              value={form.purpose}
              onChange={(event) => put({ purpose: event.currentTarget.value })}
            />
            {isEmergency ? (
              <NumberInput
                label="Minutes"
                w={100}
                min={1}
                max={240}
                value={form.minutes}
                onChange={(value) => put({ minutes: Number(value) || 1 })}
              />
            ) : (
              <Select
                label="For"
                w={110}
                allowDeselect={false}
                value={form.days}
                onChange={(value) => put({ days: value ?? form.days })}
                data={SPANS}
              />
            )}
            <Button type="submit" loading={ask.isPending} {...(isEmergency ? { color: "red" } : {})}>
              Ask
            </Button>
          </Group>
        </Stack>
      </form>
      {ask.error && (
        <Text size="sm" role="alert" mt="xs">
          {toProblem(ask.error).detail}
        </Text>
      )}
      {ask.isSuccess && (
        <Text size="sm" role="status" mt="xs">
          Asked: somebody else decides.
        </Text>
      )}
    </Paper>
  );
}

function askAccess({ role, pattern, purpose, days }: Form) {
  const expires_at = endOf(days) ?? "";
  return bodyOf(
    api.POST("/api/v1/requests/access", { body: { role, purpose, expires_at, scope: [{ datasets: [pattern] }] } }),
  );
}

function breakGlass({ role, pattern, purpose, minutes }: Form) {
  const scope = pattern.trim() === "" ? [{}] : [{ datasets: [pattern.trim()] }];
  return bodyOf(api.POST("/api/v1/requests/break-glass", { body: { role, reason: purpose, minutes, scope } }));
}
