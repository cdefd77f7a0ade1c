import { Anchor, Badge, Button, Table, Text } from "@mantine/core";
import { Fragment } from "react";
import { Link } from "react-router-dom";
import type { QualityCheck } from "../../api/types";
import { assetAddress } from "../../app/addresses";
import { formatAgo, formatTime } from "../../ui/format";
import { WideTable } from "../../ui/WideTable";
import { CheckTrend } from "./CheckTrend";

export const TREND_DAYS = 30;
const COLUMNS = 5;

interface Props {
  checks: readonly QualityCheck[];
  open: string | null;
  onOpen: (id: string | null) => void;
  /** Whether the checks are of several assets, which are then named. */
  isOfMany?: boolean;
}

/** Checks with their latest result; the button of one shows what its runs found. */
export function CheckTable({ checks, open, onOpen, isOfMany = false }: Props) {
  return (
    <WideTable minWidth={720} verticalSpacing={6} aria-label="Checks">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={92}>Result</Table.Th>
          <Table.Th>Check</Table.Th>
          <Table.Th>{isOfMany ? "Of" : "Column"}</Table.Th>
          <Table.Th>By</Table.Th>
          <Table.Th w={240}>When</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {checks.map((check) => (
          <Fragment key={check.id}>
            <Table.Tr>
              <Table.Td>
                <Badge
                  variant="light"
                  color={check.passed ? "green" : check.severity === "warn" ? "orange" : "red"}
                  tt="none"
                >
                  {check.passed ? "passed" : "failed"}
                </Badge>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Text size="sm" fw={500}>
                  {check.title || check.assertion}
                </Text>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {isOfMany && (
                  <Anchor component={Link} to={assetAddress(check.namespace, check.name, "quality")} size="sm">
                    {check.name}
                  </Anchor>
                )}
                {isOfMany && check.field && " . "}
                {check.field}
              </Table.Td>
              <Table.Td>{check.tool || check.job_name}</Table.Td>
              <Table.Td>
                <span title={formatTime(check.at)}>{formatAgo(check.at)}</span>{" "}
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-expanded={check.id === open}
                  aria-label={`Results of ${check.title || check.assertion}`}
                  onClick={() => onOpen(check.id === open ? null : check.id)}
                >
                  Results
                </Button>
              </Table.Td>
            </Table.Tr>
            {check.id === open && (
              <Table.Tr>
                <Table.Td colSpan={COLUMNS}>
                  <CheckTrend id={check.id} days={TREND_DAYS} />
                </Table.Td>
              </Table.Tr>
            )}
          </Fragment>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
