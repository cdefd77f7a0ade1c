import { Anchor, Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { blastQuery } from "../../api/quality";
import { assetAddress, impactGraphAddress } from "../../app/addresses";
import { formatNumber, plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { Waiting } from "../../ui/Waiting";
import { WideTable } from "../../ui/WideTable";

const SHOWN = 20;

interface Props {
  namespace: string;
  name: string;
  field: string | null;
}

/** What comes from bad data, the most read first. */
export function BlastRadius({ namespace, name, field }: Props) {
  const blast = useQuery(blastQuery(namespace, name, field));
  const [count, setCount] = useState(SHOWN);
  if (blast.isPending) return <Waiting what="Following the lineage" />;
  if (blast.isError) return <ProblemNotice error={blast.error} onRetry={blast.refetch} />;
  const { items, hidden, truncated } = blast.data;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm">
          {items.length === 0 ? "Nothing downstream is known" : `Reaches ${plural(items.length, "asset")}`}
          {hidden && ", and more that you may not see"}
          {truncated && ", and more than is listed"}.
        </Text>
        <Anchor component={Link} to={impactGraphAddress({ kind: "dataset", namespace, name }, field)} size="sm">
          In the graph
        </Anchor>
      </Group>
      {items.length > 0 && (
        <WideTable minWidth={480} verticalSpacing={4} aria-label="What it reaches">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Asset</Table.Th>
              {field !== null && <Table.Th>Columns</Table.Th>}
              <Table.Th>Owners</Table.Th>
              <Table.Th ta="right">Reads in 30 days</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.slice(0, count).map((reached) => (
              <Table.Tr key={`${reached.namespace} ${reached.name}`}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  <Anchor component={Link} to={assetAddress(reached.namespace, reached.name)} size="sm">
                    {reached.name}
                  </Anchor>
                </Table.Td>
                {field !== null && <Table.Td>{reached.fields.join(", ")}</Table.Td>}
                <Table.Td>{reached.owners.join(", ")}</Table.Td>
                <Table.Td ta="right">{reached.read_count > 0 ? formatNumber(reached.read_count) : ""}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {items.length > count && (
        <Anchor component="button" type="button" size="sm" onClick={() => setCount(items.length)}>
          Show all {formatNumber(items.length)}
        </Anchor>
      )}
    </div>
  );
}
