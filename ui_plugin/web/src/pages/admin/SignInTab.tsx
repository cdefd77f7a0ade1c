import { Paper, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { signInStateQuery } from "../../api/admin";
import type { ProviderState } from "../../api/types";
import { formatAgo, formatTime } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { StateSign } from "../../ui/StateSign";
import { WideTable } from "../../ui/WideTable";

/** How people sign in: which providers are set up, whether a sign-in can begin now, and when the last one was. */
export function SignInTab() {
  const state = useQuery(signInStateQuery);
  if (state.isPending) return <Skeleton h={200} />;
  if (state.isError) return <ProblemNotice error={state.error} onRetry={state.refetch} />;
  const { password, providers, scim } = state.data;
  return (
    <Stack gap="xl">
      <div>
        <Title order={2} size="h5" mb="xs">
          Identity providers
        </Title>
        {providers.length === 0 && (
          <Text size="sm">
            None is set up: OpenID Connect and SAML are settings of the server (<code>NEXUS_SSO__…</code>, docs/sso.md).
          </Text>
        )}
        <Stack>
          {providers.map((provider) => (
            <Provider key={provider.key} provider={provider} />
          ))}
        </Stack>
      </div>
      <div>
        <Title order={2} size="h5" mb="xs">
          Names and passwords
        </Title>
        <Text size="sm">
          {password
            ? "There are people who sign in with a password of LineageNexus."
            : "Nobody has a password here; under People you can make somebody."}
        </Text>
      </div>
      <Scim rows={scim} />
    </Stack>
  );
}

function Provider({ provider }: { provider: ProviderState }) {
  return (
    <Paper withBorder p="md">
      <Text fw={600}>
        {provider.title} <StateSign state={provider.problem === null ? "well" : "wrong"} />
      </Text>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {provider.key}
        {provider.issuer && `, issuer ${provider.issuer}`}
      </Text>
      {provider.problem !== null && (
        <Text size="sm" role="alert" style={{ overflowWrap: "anywhere" }}>
          No sign-in can begin: {provider.problem}
        </Text>
      )}
      <Text size="sm" title={formatTime(provider.last_done_at)}>
        Last sign-in: {provider.last_done_at ? formatAgo(provider.last_done_at) : "none that is recorded lately"}
      </Text>
      {provider.last_refused_at !== null && (
        <Text size="sm" title={formatTime(provider.last_refused_at)}>
          Last refusal: {formatAgo(provider.last_refused_at)}
        </Text>
      )}
      <Text size="sm">
        {provider.asks_step_up
          ? "Governing takes a new and stronger sign-in."
          : "Governing takes no stronger sign-in than reading."}
      </Text>
    </Paper>
  );
}

interface ScimRow {
  issuer: string;
  token: string;
  last_used_at: string | null;
  expires_at: string | null;
}

function Scim({ rows }: { rows: ScimRow[] }) {
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        People and groups by SCIM
      </Title>
      {rows.length === 0 ? (
        <Text size="sm">
          No token with the authority <code>scim:ISSUER</code>: groups are as of each person's last sign-in.
        </Text>
      ) : (
        <WideTable minWidth={560} verticalSpacing="xs" aria-label="SCIM">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Issuer</Table.Th>
              <Table.Th>Token</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th>Until</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={`${row.issuer} ${row.token}`}>
                <Table.Td>{row.issuer}</Table.Td>
                <Table.Td>{row.token}</Table.Td>
                <Table.Td>{row.last_used_at ? formatAgo(row.last_used_at) : "never"}</Table.Td>
                <Table.Td>{row.expires_at ? formatTime(row.expires_at) : "no end"}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </div>
  );
}
