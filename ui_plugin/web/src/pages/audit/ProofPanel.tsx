import { Button, CloseButton, Group, List, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { ProblemError, toProblem } from "../../api/problem";
import type { AuditRecord } from "../../api/types";
import { readTrusted } from "./notes";
import { type Asking, type Step, verifyRecord } from "./verify";

interface Props {
  record: AuditRecord;
  onClose: () => void;
}

/** Proves in this browser that a record is in the log, against a checkpoint that the reader keeps elsewhere. */
export function ProofPanel({ record, onClose }: Props) {
  const [pasted, setPasted] = useState("");
  const proof = useMutation({
    mutationFn: async () => verifyRecord(record, await readTrusted(pasted), askingOf(record)),
  });
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const canHash = globalThis.crypto?.subtle !== undefined;
  return (
    <Paper withBorder p="md" component="section" ref={panel} tabIndex={-1} mb="md" aria-label="Proof">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Prove record {record.seq} of {record.writer}
        </Title>
        <CloseButton aria-label="Close the proof" onClick={onClose} />
      </Group>
      {canHash ? (
        <Stack gap="sm">
          <Textarea
            label="Trusted checkpoint"
            description="A note of a witness, and the signer's line “key NAME+ID+KEY”, from where nobody here can write"
            rows={5}
            spellCheck={false}
            styles={{ input: { fontFamily: "ui-monospace, monospace", fontSize: 12 } }}
            value={pasted}
            onChange={(event) => {
              setPasted(event.currentTarget.value);
              proof.reset();
            }}
          />
          <Button w="fit-content" size="xs" loading={proof.isPending} onClick={() => proof.mutate()}>
            Check the proof
          </Button>
          {proof.error && (
            <Text size="sm" role="alert">
              {proof.error instanceof ProblemError ? toProblem(proof.error).detail : proof.error.message}
            </Text>
          )}
          {proof.data && <Steps steps={proof.data} />}
        </Stack>
      ) : (
        <Text size="sm">
          Browsers compute hashes for pages by https only. Open LineageNexus by https, or use{" "}
          <code>nexus audit verify</code>.
        </Text>
      )}
    </Paper>
  );
}

function askingOf({ writer, seq }: AuditRecord): Asking {
  return {
    proof: (size) =>
      bodyOf(api.GET("/api/v1/audit/proof", { params: { query: { writer, seq, ...(size ? { size } : {}) } } })),
    growth: (first, second) => bodyOf(api.GET("/api/v1/audit/consistency", { params: { query: { first, second } } })),
  };
}

const SIGNS = { true: "✓ holds", false: "✗ fails", null: "? unknown" } as const;

function Steps({ steps }: { steps: Step[] }) {
  return (
    <div role="status">
      <Text fw={600}>{verdictOf(steps)}</Text>
      <List size="sm" spacing={2} listStyleType="none" aria-label="Checks">
        {steps.map((step) => (
          <List.Item key={step.what}>
            <b>{SIGNS[String(step.holds) as keyof typeof SIGNS]}</b> {step.what}: {step.told}
          </List.Item>
        ))}
      </List>
    </div>
  );
}

/** What all checks together say. */
export function verdictOf(steps: Step[]): string {
  if (steps.some((step) => step.holds === false)) return "The proof fails: the record or the log was changed.";
  if (steps.every((step) => step.holds)) return "Proven: the record is in the log that your checkpoint vouches for.";
  return "Consistent, not proven: see what is unknown.";
}
