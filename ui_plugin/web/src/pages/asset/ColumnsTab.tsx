import { Anchor, Badge, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router-dom";
import type { DatasetDetail, FieldDetail } from "../../api/types";
import { lineageAddress } from "../../app/addresses";
import { ClassBadge } from "../../ui/ClassBadge";
import { formatNumber, plural } from "../../ui/format";

const MOST_ROWS = 500;

/** Columns with types and how far each reaches; a column's name leads to its lineage. */
export function ColumnsTab({ dataset }: { dataset: DatasetDetail }) {
  const [text, setText] = useState("");
  const found = dataset.fields.filter((field) => matches(field, text.toLowerCase()));
  return (
    <>
      <TextInput
        mb="sm"
        maw={360}
        aria-label="Find a column"
        placeholder={`Find in ${plural(dataset.fields.length, "column")}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing={6} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th>Type</Table.Th>
              <Table.Th>Description</Table.Th>
              <Table.Th ta="right">Fed by</Table.Th>
              <Table.Th ta="right">Feeds</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.slice(0, MOST_ROWS).map((field) => (
              <ColumnRow key={field.name} field={field} dataset={dataset} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {found.length > MOST_ROWS && (
        <Text size="sm">{formatNumber(found.length - MOST_ROWS)} more: type to narrow.</Text>
      )}
    </>
  );
}

function matches(field: FieldDetail, text: string): boolean {
  return [field.name, field.description ?? "", field.type ?? ""].some((part) => part.toLowerCase().includes(text));
}

function ColumnRow({ field, dataset }: { field: FieldDetail; dataset: DatasetDetail }) {
  const root = { kind: "dataset" as const, namespace: dataset.namespace, name: dataset.name };
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={lineageAddress(root, field.name)} size="sm" fw={500}>
          {field.name}
        </Anchor>{" "}
        {field.primary_key && (
          <Badge size="xs" variant="default" title="Primary key">
            PK
          </Badge>
        )}{" "}
        <ClassBadge classification={field.classification} size="xs" />
      </Table.Td>
      <Table.Td>
        <Text size="sm" ff="monospace" fz={12.5}>
          {field.type ?? "–"}
          {field.nullable === false && (
            <Text span c="dimmed" inherit>
              {" "}
              not null
            </Text>
          )}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{field.description ?? ""}</Text>
      </Table.Td>
      <Table.Td ta="right">{field.upstream_count || ""}</Table.Td>
      <Table.Td ta="right">{field.downstream_count || ""}</Table.Td>
    </Table.Tr>
  );
}
