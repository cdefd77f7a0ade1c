import { Anchor, Table, Text, UnstyledButton } from "@mantine/core";
import { Link } from "react-router-dom";
import type { DatasetDetail, FieldDetail, QualityCheck } from "../../../api/types";
import { lineageAddress } from "../../../app/addresses";
import { Editable } from "../../../curation/Editable";
import { ClassBadge } from "../../../ui/ClassBadge";
import { formatNumber } from "../../../ui/format";
import { KeyBadges } from "./KeyBadges";
import { type Constraints, originOf } from "./said";
import type { Branch } from "./tree";

const INDENT = 18;

export interface Shown {
  isProfiled: boolean;
  isRead: boolean;
  isChecked: boolean;
}

interface Props extends Shown {
  branch: Branch<FieldDetail>;
  dataset: DatasetDetail;
  constraints: Constraints;
  checks: QualityCheck[];
  isClosed: boolean;
  /** Found by a search, where the fields round it may be missing: the whole name is written. */
  isAlone: boolean;
  onToggle: () => void;
}

export function ColumnRow(props: Props) {
  const { branch, dataset, constraints, isProfiled, isRead, isChecked } = props;
  const { field } = branch;
  return (
    <Table.Tr>
      <NameCell {...props} />
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
        <Origin words={originOf(dataset.facets, field.name)} />
      </Table.Td>
      <Table.Td>
        <KeyBadges field={field} constraints={constraints} />
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
      {isChecked && <ChecksCell checks={props.checks} />}
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

function NameCell({ branch, dataset, isAlone, isClosed, onToggle }: Props) {
  const { field, label, depth, hasInner } = branch;
  const root = { kind: "dataset" as const, namespace: dataset.namespace, name: dataset.name };
  return (
    <Table.Td style={isAlone ? {} : { paddingLeft: 10 + depth * INDENT }}>
      {hasInner && !isAlone && (
        <UnstyledButton aria-expanded={!isClosed} aria-label={`Fields of ${field.name}`} onClick={onToggle} mr={5}>
          {isClosed ? "▸" : "▾"}
        </UnstyledButton>
      )}
      <Anchor component={Link} to={lineageAddress(root, field.name)} size="sm" fw={500} title={field.name}>
        {isAlone ? field.name : label}
      </Anchor>{" "}
      <ClassBadge classification={field.classification} size="xs" />
    </Table.Td>
  );
}

function Origin({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      {words.join(", ")}
    </Text>
  );
}

/** The latest result of each check on the column: failing ones by name. */
function ChecksCell({ checks }: { checks: QualityCheck[] }) {
  const failing = checks.filter((check) => !check.passed);
  const passing = checks.length - failing.length;
  return (
    <Table.Td>
      {failing.map((check) => (
        <Text key={check.id} size="xs" fw={600} title={check.title}>
          ✗ {check.assertion}
        </Text>
      ))}
      {passing > 0 && (
        <Text size="xs" c="dimmed" title={checks.map((check) => check.title).join(", ")}>
          ✓ {passing} passing
        </Text>
      )}
    </Table.Td>
  );
}

/** What statistics tell of a column; never a value of one that may hold personal data. */
export function profileOf({ null_share, distinct_count, least, most }: FieldDetail): string {
  return [
    null_share != null && `${Math.round(100 * null_share)} % null`,
    distinct_count != null && `${formatNumber(distinct_count)} distinct`,
    least != null && most != null && `${least} … ${most}`,
  ]
    .filter(Boolean)
    .join(", ");
}
