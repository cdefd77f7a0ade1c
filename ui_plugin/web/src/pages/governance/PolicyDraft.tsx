import { Button, Group, Paper, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { KEYS } from "../../api/governance";
import { toProblem } from "../../api/problem";
import type { PolicyPlan, PolicyReading } from "../../api/types";
import { PolicyPlanView } from "./PolicyPlanView";
import { PolicyTests } from "./PolicyTests";
import { problemWords } from "./policyProblem";

interface Looked {
  text: string;
  reading: PolicyReading;
  /** What would change; null where the text is wrong or a test fails. */
  plan: PolicyPlan | null;
}

/** A document as YAML: read, tested and planned as often as one likes, then proposed; somebody else approves it. */
export function PolicyDraft({ start }: { start: string }) {
  const client = useQueryClient();
  const [text, setText] = useState(start);
  const [comment, setComment] = useState("");
  const look = useMutation({ mutationFn: () => lookAt(text) });
  const isCurrent = look.data?.text === text;
  const document = isCurrent && look.data?.plan ? look.data.reading.document : null;
  const propose = useMutation({
    mutationFn: async () => {
      if (!document) throw new Error("Look at what changes first.");
      return bodyOf(api.POST("/api/v1/policies", { body: { document, comment } }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS.policies }),
  });
  const error = look.error ?? propose.error;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Change them
      </Title>
      <Stack gap="sm">
        <Textarea
          aria-label="Policy document (YAML)"
          rows={14}
          spellCheck={false}
          styles={{ input: { fontFamily: "ui-monospace, monospace", fontSize: 12.5 } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={isCurrent && look.data ? problemWords(look.data.reading) : null}
        />
        <Group align="flex-end">
          <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
            Show what changes
          </Button>
          <TextInput label="Comment" value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
          <Button loading={propose.isPending} disabled={!document} onClick={() => propose.mutate()}>
            Propose
          </Button>
          {text !== start && (
            <Button variant="subtle" onClick={() => setText(start)}>
              Back to what is in force
            </Button>
          )}
        </Group>
        {error && (
          <Text size="sm" role="alert">
            {toProblem(error).detail}
          </Text>
        )}
        {propose.isSuccess && (
          <Text size="sm" role="status">
            Version {propose.data.version} is proposed; somebody else approves it.
          </Text>
        )}
        {look.data && !isCurrent && <Text size="sm">The text changed since: look again.</Text>}
        {isCurrent && look.data && <PolicyTests tests={look.data.reading.tests ?? []} />}
        {isCurrent && look.data?.plan && <PolicyPlanView plan={look.data.plan} />}
      </Stack>
    </Paper>
  );
}

async function lookAt(text: string): Promise<Looked> {
  const reading = await bodyOf(api.POST("/api/v1/policies/read", { body: { text } }));
  const isRight = reading.document != null && (reading.tests ?? []).every((test) => test.passed);
  if (!isRight || !reading.document) return { text, reading, plan: null };
  return { text, reading, plan: await bodyOf(api.POST("/api/v1/policies/plan", { body: reading.document })) };
}
