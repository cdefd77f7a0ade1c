import { Table, Text } from "@mantine/core";
import { api } from "../../api/client";
import type { TokenSummary } from "../../api/types";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatAgo, formatTime } from "../../ui/format";
import { WideTable } from "../../ui/WideTable";

const SOON_MS = 14 * 86_400_000;

/** Tokens with what they allow, until when, and when they were last used. */
export function TokenTable({ tokens, isOwn }: { tokens: TokenSummary[]; isOwn: boolean }) {
  return (
    <WideTable minWidth={640} verticalSpacing="xs" aria-label="Tokens">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Account</Table.Th>
          <Table.Th>Allows</Table.Th>
          <Table.Th>Last used</Table.Th>
          <Table.Th>Until</Table.Th>
          <Table.Th w={200}>
            <span>Revoke</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tokens.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td title={token.id}>{token.name}</Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{token.authority.join(", ")}</Table.Td>
            <Table.Td title={formatTime(token.last_used_at)}>
              {token.last_used_at ? formatAgo(token.last_used_at) : "never"}
            </Table.Td>
            <Table.Td>
              <Until at={token.expires_at ?? null} />
            </Table.Td>
            <Table.Td>
              <DecideButtons
                rereads={["tokens"]}
                choices={[{ label: "Revoke", question: "For good?", act: () => revoke(token.id, isOwn) }]}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Until({ at }: { at: string | null }) {
  if (at === null) return "no end";
  const left = Date.parse(at) - Date.now();
  return (
    <>
      {formatTime(at)}
      {left < SOON_MS && (
        <Text size="xs" c="dimmed">
          {left < 0 ? "has ended" : "ends soon"}
        </Text>
      )}
    </>
  );
}

async function revoke(id: string, isOwn: boolean): Promise<void> {
  const params = { path: { token_id: id } };
  if (isOwn) await api.DELETE("/api/v1/tokens/own/{token_id}", { params });
  else await api.DELETE("/api/v1/tokens/{token_id}", { params });
}
