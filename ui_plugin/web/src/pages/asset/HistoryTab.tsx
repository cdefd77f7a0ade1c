import { Table } from "@mantine/core";
import type { DatasetDetail } from "../../api/types";
import { formatTime } from "../../ui/format";
import { EmptyState } from "../../ui/Notice";

/** Versions of the schema, newest first. */
export function HistoryTab({ versions }: { versions: DatasetDetail["versions"] }) {
  if (versions.length === 0) {
    return (
      <EmptyState title="No schema is known">
        Its columns appear with the first harvest or event that states them.
      </EmptyState>
    );
  }
  const newest = [...versions].sort((a, b) => b.valid_from.localeCompare(a.valid_from));
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Valid from</Table.Th>
          <Table.Th>Columns</Table.Th>
          <Table.Th>Fingerprint</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {newest.map((version, index) => (
          <Table.Tr key={version.valid_from}>
            <Table.Td>
              {formatTime(version.valid_from)}
              {index === 0 && " (now)"}
            </Table.Td>
            <Table.Td>{version.field_count}</Table.Td>
            <Table.Td ff="monospace">{version.fingerprint.slice(0, 12)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
