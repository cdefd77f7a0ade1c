import { Anchor, Badge, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router-dom";
import type { DatasetDetail, FieldDetail } from "../../api/types";
import { lineageAddress } from "../../app/addresses";
import { Editable } from "../../curation/Editable";
import { ClassBadge } from "../../ui/ClassBadge";
import { formatNumber, plural } from "../../ui/format";

const MOST_ROWS = 500;

/** Columns with types and how far each reaches; a column's name leads to its lineage. */
export function ColumnsTab({ dataset }: { dataset: DatasetDetail }) {
  const [text, setText] = useState("");
  const isProfiled = dataset.fields.some((field) => profileOf(field) !== "");
  const isRead = dataset.fields.some((field) => field.read_count > 0);
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
              {isProfiled && <Table.Th>Profile</Table.Th>}
              {isRead && <Table.Th ta="right">Reads</Table.Th>}
              <Table.Th ta="right">Fed by</Table.Th>
              <Table.Th ta="right">Feeds</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.slice(0, MOST_ROWS).map((field) => (
              <ColumnRow key={field.name} {...{ field, dataset, isProfiled, isRead }} />
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

/** What statistics tell of a column; never a value of one that may hold personal data. */
function profileOf({ null_share, distinct_count, least, most }: FieldDetail): string {
  return [
    null_share != null && `${Math.round(100 * null_share)} % null`,
    distinct_count != null && `${formatNumber(distinct_count)} distinct`,
    least != null && most != null && `${least} … ${most}`,
  ]
    .filter(Boolean)
    .join(", ");
}

interface RowProps {
  field: FieldDetail;
  dataset: DatasetDetail;
  isProfiled: boolean;
  isRead: boolean;
}

function ColumnRow({ field, dataset, isProfiled, isRead }: RowProps) {
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
        <Editable
          subject={{ namespace: dataset.namespace, name: dataset.name, field: field.name }}
          facet="description"
          label={`Description of ${field.name}`}
          text={field.description ?? ""}
        >
          <Text size="sm">{field.description ?? ""}</Text>
        </Editable>
      </Table.Td>
      {isProfiled && (
        <Table.Td>
          <Text size="xs">{profileOf(field)}</Text>
        </Table.Td>
      )}
      {isRead && <Table.Td ta="right">{field.read_count || ""}</Table.Td>}
      <Table.Td ta="right">{field.upstream_count || ""}</Table.Td>
      <Table.Td ta="right">{field.downstream_count || ""}</Table.Td>
    </Table.Tr>
  );
}
