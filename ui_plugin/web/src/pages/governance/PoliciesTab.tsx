import { Badge, Button, Group, Paper, Skeleton, Stack, Table, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { KEYS, policyVersionsQuery } from "../../api/governance";
import { toProblem } from "../../api/problem";
import type { PolicyDocument, PolicyVersion } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { PolicyPlanView } from "./PolicyPlanView";

const EMPTY: PolicyDocument = { version: 1, policies: [], row_filters: [], tests: [] };

/** The policies in force, their versions, and a draft whose effect is shown before it is proposed. */
export function PoliciesTab({ mayDecide }: { mayDecide: boolean }) {
  const versions = useQuery(policyVersionsQuery);
  if (versions.isPending) return <Skeleton h={240} />;
  if (versions.isError) return <ProblemNotice error={versions.error} onRetry={versions.refetch} />;
  const active = versions.data.find((version) => version.state === "active");
  return (
    <Stack gap="xl">
      <Active version={active} />
      <Draft key={active?.version ?? 0} start={active?.document ?? EMPTY} />
      <Versions versions={versions.data} mayDecide={mayDecide} />
    </Stack>
  );
}

function Active({ version }: { version: PolicyVersion | undefined }) {
  const policies = version?.document.policies ?? [];
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        In force{version && ` (version ${version.version})`}
      </Title>
      {policies.length === 0 ? (
        <Text size="sm">No policy: the masking proxy shows what is Public and refuses the rest.</Text>
      ) : (
        <Table verticalSpacing="xs" aria-label="Policies in force">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Policy</Table.Th>
              <Table.Th>Of</Table.Th>
              <Table.Th>Mask</Table.Th>
              <Table.Th>Clear for</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {policies.map((policy) => (
              <Table.Tr key={policy.name}>
                <Table.Td>
                  {policy.name}
                  <Text size="xs">{policy.description}</Text>
                </Table.Td>
                <Table.Td>{matchWords(policy.match)}</Table.Td>
                <Table.Td>
                  <code>{typeof policy.mask === "string" ? policy.mask : JSON.stringify(policy.mask)}</code>
                </Table.Td>
                <Table.Td>{policy.clear_for?.join(", ") || "nobody"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}

function matchWords(match: Record<string, string[] | undefined>): string {
  return Object.entries(match)
    .filter(([, values]) => values && values.length > 0)
    .map(([name, values]) => `${name}: ${values?.join(", ")}`)
    .join("; ");
}

/** A document as JSON: planned as often as one likes, then proposed; somebody else approves it. */
function Draft({ start }: { start: PolicyDocument }) {
  const client = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(start, null, 2));
  const [comment, setComment] = useState("");
  const plan = useMutation({
    mutationFn: async () => bodyOf(api.POST("/api/v1/policies/plan", { body: JSON.parse(text) })),
  });
  const propose = useMutation({
    mutationFn: async () => bodyOf(api.POST("/api/v1/policies", { body: { document: JSON.parse(text), comment } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS.policies }),
  });
  const error = plan.error ?? propose.error;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Change them
      </Title>
      <Stack gap="sm">
        <Textarea
          aria-label="Policy document (JSON)"
          rows={12}
          spellCheck={false}
          styles={{ input: { fontFamily: "ui-monospace, monospace", fontSize: 12.5 } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group align="flex-end">
          <Button variant="default" loading={plan.isPending} onClick={() => plan.mutate()}>
            Show what changes
          </Button>
          <TextInput label="Comment" value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
          <Button loading={propose.isPending} disabled={!plan.isSuccess} onClick={() => propose.mutate()}>
            Propose
          </Button>
        </Group>
        {error && (
          <Text size="sm" role="alert">
            {error instanceof SyntaxError ? `Not JSON: ${error.message}` : toProblem(error).detail}
          </Text>
        )}
        {propose.isSuccess && (
          <Text size="sm" role="status">
            Version {propose.data.version} is proposed; somebody else approves it.
          </Text>
        )}
        {plan.data && <PolicyPlanView plan={plan.data} />}
      </Stack>
    </Paper>
  );
}

function Versions({ versions, mayDecide }: { versions: PolicyVersion[]; mayDecide: boolean }) {
  if (versions.length === 0) return null;
  return (
    <Table verticalSpacing="xs" aria-label="Versions">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Version</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>By</Table.Th>
          <Table.Th>Comment</Table.Th>
          {mayDecide && <Table.Th>Decision</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {versions.map((version) => (
          <Table.Tr key={version.version}>
            <Table.Td>{version.version}</Table.Td>
            <Table.Td>
              <Badge variant="light">{version.state}</Badge>
            </Table.Td>
            <Table.Td>
              {version.author}, {formatTime(version.proposed_at)}
            </Table.Td>
            <Table.Td>{version.comment}</Table.Td>
            {mayDecide && <Table.Td>{version.state === "proposed" && <Decision version={version.version} />}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Decision({ version }: { version: number }) {
  const decide = (action: "approve" | "reject") => () =>
    bodyOf(
      api.POST("/api/v1/policies/versions/{version}/decision", { params: { path: { version } }, body: { action } }),
    );
  return (
    <DecideButtons
      rereads={KEYS.policies}
      choices={[
        { label: "Approve", question: "Put it in force?", act: decide("approve") },
        { label: "Reject", act: decide("reject") },
      ]}
    />
  );
}
