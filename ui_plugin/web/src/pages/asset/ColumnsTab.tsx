import { Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { datasetQualityQuery } from "../../api/quality";
import type { DatasetDetail, FieldDetail, QualityCheck } from "../../api/types";
import { formatNumber, plural } from "../../ui/format";
import { WideTable } from "../../ui/WideTable";
import { ColumnRow, profileOf, type Shown } from "./columns/ColumnRow";
import { ConstraintList } from "./columns/ConstraintList";
import { constraintsOf } from "./columns/said";
import { branchesOf, visibleBranches } from "./columns/tree";

const MOST_ROWS = 500;
const CHECKED_DAYS = 30;

/** Columns with types, keys, checks, how they are filled and how far each reaches; a name leads to its lineage. */
export function ColumnsTab({ dataset }: { dataset: DatasetDetail }) {
  const [text, setText] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const checks = useChecks(dataset);
  const constraints = useMemo(() => constraintsOf(dataset.facets), [dataset.facets]);
  const branches = useMemo(() => branchesOf(dataset.fields), [dataset.fields]);
  const found =
    text === ""
      ? visibleBranches(branches, closed)
      : branches.filter(({ field }) => matches(field, text.toLowerCase()));
  const shown: Shown = {
    isProfiled: dataset.fields.some((field) => profileOf(field) !== ""),
    isRead: dataset.fields.some((field) => field.read_count > 0),
    isChecked: checks.size > 0,
  };
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
      <WideTable minWidth={640} verticalSpacing={6} highlightOnHover aria-label="Columns">
        <Head {...shown} />
        <Table.Tbody>
          {found.slice(0, MOST_ROWS).map((branch) => (
            <ColumnRow
              key={branch.field.name}
              {...{ branch, dataset, constraints, ...shown }}
              checks={checks.get(branch.field.name) ?? []}
              isClosed={closed.has(branch.field.name)}
              isAlone={text !== ""}
              onToggle={() => setClosed(toggled(closed, branch.field.name))}
            />
          ))}
        </Table.Tbody>
      </WideTable>
      {found.length > MOST_ROWS && (
        <Text size="sm">{formatNumber(found.length - MOST_ROWS)} more: type to narrow.</Text>
      )}
      <ConstraintList constraints={constraints} />
    </>
  );
}

function Head({ isProfiled, isRead, isChecked }: Shown) {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>Column</Table.Th>
        <Table.Th>Type</Table.Th>
        <Table.Th>Keys</Table.Th>
        <Table.Th>Description</Table.Th>
        {isChecked && <Table.Th>Checks</Table.Th>}
        {isProfiled && <Table.Th>Profile</Table.Th>}
        {isRead && <Table.Th ta="right">Reads</Table.Th>}
        <Table.Th ta="right">Fed by</Table.Th>
        <Table.Th ta="right">Feeds</Table.Th>
      </Table.Tr>
    </Table.Thead>
  );
}

/** The checks of each column, with what they found last. */
function useChecks({ namespace, name }: DatasetDetail): Map<string, QualityCheck[]> {
  const { data } = useQuery(datasetQualityQuery(namespace, name, CHECKED_DAYS));
  return useMemo(() => Map.groupBy(data?.checks ?? [], (check) => check.field ?? ""), [data]);
}

function matches(field: FieldDetail, text: string): boolean {
  return [field.name, field.description ?? "", field.type ?? ""].some((part) => part.toLowerCase().includes(text));
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
