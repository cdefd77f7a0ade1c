import { Table, Text } from "@mantine/core";
import type { PolicyReading } from "../../api/types";
import { plural } from "../../ui/format";
import { StateSign } from "../../ui/StateSign";
import { WideTable } from "../../ui/WideTable";

type Test = NonNullable<PolicyReading["tests"]>[number];

/** The tests that a document carries, those that fail first; with one that fails it can be neither planned nor proposed. */
export function PolicyTests({ tests }: { tests: Test[] }) {
  if (tests.length === 0) return <Text size="sm">The document carries no tests.</Text>;
  const failed = tests.filter((test) => !test.passed);
  const rows = [...failed, ...tests.filter((test) => test.passed)];
  return (
    <div>
      <Text size="sm" role="status">
        {failed.length === 0
          ? `${plural(tests.length, "test")} passed.`
          : `${failed.length} of ${plural(tests.length, "test")} failed.`}
      </Text>
      <WideTable minWidth={480} verticalSpacing={4} aria-label="Tests of the document">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={100}>Result</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>Column</Table.Th>
            <Table.Th>Expected</Table.Th>
            <Table.Th>Sees</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((test) => (
            <Table.Tr key={JSON.stringify(test)}>
              <Table.Td>
                <StateSign state={test.passed ? "well" : "wrong"}>{test.passed ? "✓ passed" : "✗ failed"}</StateSign>
              </Table.Td>
              <Table.Td>{test.roles.join(", ") || "no role"}</Table.Td>
              <Table.Td>
                {test.column.field} ({test.column.classification ?? "not classified"})
              </Table.Td>
              <Table.Td>{test.expected}</Table.Td>
              <Table.Td>{test.seen}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}
