import { Badge, Stack, Table, Text } from "@mantine/core";
import type { PolicyPlan } from "../../api/types";
import { plural } from "../../ui/format";
import { WideTable } from "../../ui/WideTable";

const COLOURS = { looser: "red", tighter: "green", other: "gray" } as const;

/** Whose columns a document would show otherwise, and what would lose its protection. */
export function PolicyPlanView({ plan }: { plan: PolicyPlan }) {
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {plan.changes.length === 0
          ? `Nothing changes in ${plural(plan.column_count, "column")}.`
          : `${plural(plan.changes.length, "change")} in ${plural(plan.column_count, "column")}.`}
        {plan.unprotected.length > 0 && ` ${plural(plan.unprotected.length, "column")} would lose all protection.`}
        {plan.unknown_roles.length > 0 && ` Unknown roles: ${plan.unknown_roles.join(", ")}.`}
      </Text>
      {plan.problems.map((problem) => (
        <Text key={problem} size="sm" role="alert">
          {problem}
        </Text>
      ))}
      {plan.changes.length > 0 && (
        <WideTable minWidth={560} verticalSpacing={6} aria-label="Plan">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Now</Table.Th>
              <Table.Th>Then</Table.Th>
              <Table.Th>Columns</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plan.changes.map((change) => (
              <Table.Tr key={`${change.audience} ${JSON.stringify([change.before, change.after])}`}>
                <Table.Td>
                  {change.audience} <Badge color={COLOURS[change.direction]}>{change.direction}</Badge>
                </Table.Td>
                <Table.Td>{change.before.kind}</Table.Td>
                <Table.Td>{change.after.kind}</Table.Td>
                <Table.Td>
                  {plural(change.column_count, "column")}, such as{" "}
                  {change.samples
                    .slice(0, 3)
                    .map((column) => `${column.dataset}.${column.field}`)
                    .join(", ")}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Stack>
  );
}
