import { Badge, Button, Paper, Table, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import type { ImpactAsset } from "../../api/types";
import { peopleOf, VERDICT_WORDS } from "../../impact/answer";
import { formatNumber } from "../../ui/format";
import { WideTable } from "../../ui/WideTable";
import classes from "./ImpactPage.module.css";

const SHOWN = 8;

/** Whom to tell before the changes are made: owners and readers of what is not safe, by use. */
export function People({ assets }: { assets: readonly ImpactAsset[] }) {
  const people = useMemo(() => peopleOf(assets), [assets]);
  const [isAll, setAll] = useState(false);
  if (people.length === 0) return null;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Whom to tell
      </Title>
      <WideTable minWidth={560} verticalSpacing={4} aria-label="Whom to tell">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Who</Table.Th>
            <Table.Th>As</Table.Th>
            <Table.Th>At worst</Table.Th>
            <Table.Th ta="right">Assets</Table.Th>
            <Table.Th ta="right">Reads in 90 days</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.slice(0, isAll ? people.length : SHOWN).map((person) => (
            <Table.Tr key={`${person.isOwner} ${person.name}`} className={classes[person.worst] ?? ""}>
              <Table.Td>{person.name}</Table.Td>
              <Table.Td>
                <Badge variant="default" tt="none" size="sm">
                  {person.isOwner ? "owner" : "reader"}
                </Badge>
              </Table.Td>
              <Table.Td>
                <Text span className={classes.word ?? ""}>
                  {VERDICT_WORDS[person.worst].label}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{formatNumber(person.assetCount)}</Table.Td>
              <Table.Td ta="right">{person.readCount > 0 ? formatNumber(person.readCount) : ""}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {people.length > SHOWN && !isAll && (
        <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setAll(true)}>
          Show all {formatNumber(people.length)}
        </Button>
      )}
    </Paper>
  );
}
