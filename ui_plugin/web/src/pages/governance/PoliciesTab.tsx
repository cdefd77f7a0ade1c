import { Badge, Button, Skeleton, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { KEYS, policyTextQuery, policyVersionsQuery } from "../../api/governance";
import { sessionQuery } from "../../api/queries";
import type { PolicyVersion } from "../../api/types";
import { CopyBlock } from "../../ui/CopyBlock";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatTime } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { maskWords } from "../../ui/maskWords";
import { ProblemNotice } from "../../ui/Notice";
import { WideTable } from "../../ui/WideTable";
import { PolicyDraft } from "./PolicyDraft";

/** The policies in force, their versions, and a draft whose effect is shown before it is proposed. */
export function PoliciesTab({ mayDecide }: { mayDecide: boolean }) {
  const versions = useQuery(policyVersionsQuery);
  if (versions.isPending) return <Skeleton h={240} />;
  if (versions.isError) return <ProblemNotice error={versions.error} onRetry={versions.refetch} />;
  const active = versions.data.find((version) => version.state === "active");
  return (
    <InOrder gap="xl">
      <Active version={active} />
      <Draft version={active?.version ?? null} />
      <Versions versions={versions.data} mayDecide={mayDecide} />
    </InOrder>
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
        <WideTable minWidth={720} verticalSpacing="xs" aria-label="Policies in force">
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
                <Table.Td>{maskWords(policy.mask)}</Table.Td>
                <Table.Td>{policy.clear_for?.join(", ") || "nobody"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </div>
  );
}

/** The document in force, to change. */
function Draft({ version }: { version: number | null }) {
  const text = useQuery(policyTextQuery(version));
  if (text.isPending) return <Skeleton h={240} />;
  if (text.isError) return <ProblemNotice error={text.error} onRetry={text.refetch} />;
  return <PolicyDraft key={version ?? 0} start={text.data.text} />;
}

function matchWords(match: Record<string, string[] | undefined>): string {
  return Object.entries(match)
    .filter(([, values]) => values && values.length > 0)
    .map(([name, values]) => `${name}: ${values?.join(", ")}`)
    .join("; ");
}

function Versions({ versions, mayDecide }: { versions: PolicyVersion[]; mayDecide: boolean }) {
  const [shown, setShown] = useState<number | null>(null);
  if (versions.length === 0) return null;
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        Versions
      </Title>
      <WideTable minWidth={720} verticalSpacing="xs" aria-label="Versions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Comment</Table.Th>
            <Table.Th>Text</Table.Th>
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
                {version.decider && (
                  <Text size="xs" c="dimmed">
                    decided by {version.decider}, {formatTime(version.decided_at)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{version.comment}</Table.Td>
              <Table.Td>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Text of version ${version.version}`}
                  aria-expanded={shown === version.version}
                  onClick={() => setShown(shown === version.version ? null : version.version)}
                >
                  Text
                </Button>
              </Table.Td>
              {mayDecide && <Table.Td>{version.state === "proposed" && <Decision version={version} />}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {shown !== null && <TextOf version={shown} />}
    </div>
  );
}

function TextOf({ version }: { version: number }) {
  const text = useQuery(policyTextQuery(version));
  if (text.isPending) return <Skeleton h={120} />;
  if (text.isError) return <ProblemNotice error={text.error} onRetry={text.refetch} />;
  return <CopyBlock text={text.data.text} label={`Version ${version}`} />;
}

/** Who proposed a version withdraws it; somebody else approves or rejects it. */
function Decision({ version: { version, author } }: { version: PolicyVersion }) {
  const session = useQuery(sessionQuery);
  const decide = (action: "approve" | "reject" | "withdraw") => () =>
    bodyOf(
      api.POST("/api/v1/policies/versions/{version}/decision", { params: { path: { version } }, body: { action } }),
    );
  const isOwn = session.data?.name === author || session.data?.account_id === author;
  const others = [
    { label: "Approve", question: "Put it in force?", act: decide("approve") },
    { label: "Reject", act: decide("reject") },
  ];
  return (
    <DecideButtons
      rereads={KEYS.policies}
      choices={isOwn ? [{ label: "Withdraw", act: decide("withdraw") }] : others}
    />
  );
}
