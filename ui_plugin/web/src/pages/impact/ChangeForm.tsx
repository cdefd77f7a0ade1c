import { Button, Group, Paper, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetQuery } from "../../api/queries";
import { type ChangeKind, type DraftChange, KINDS } from "../../impact/changes";
import { AssetPicker } from "../../ui/AssetPicker";

interface Props {
  change: DraftChange;
  number: number;
  /** What is missing, where that is to be told. */
  missing: string | null;
  onChange: (change: DraftChange) => void;
  onRemove: (() => void) | null;
}

/** One change: what is done, to which asset, and what that kind needs. */
export function ChangeForm({ change, number, missing, onChange, onRemove }: Props) {
  const { needs, toLabel, isNewField } = KINDS[change.kind];
  const set = (part: Partial<DraftChange>) => onChange({ ...change, ...part });
  return (
    <Paper withBorder p="sm" component="fieldset" aria-label={`Change ${number}`}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap">
          <Select
            size="sm"
            aria-label="What is done"
            allowDeselect={false}
            flex={1}
            value={change.kind}
            onChange={(kind) => set({ kind: kind as ChangeKind })}
            data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
          />
          {onRemove && (
            <Button size="compact-sm" variant="subtle" color="gray" onClick={onRemove} aria-label="Remove this change">
              Remove
            </Button>
          )}
        </Group>
        <AssetPicker
          label="Asset"
          value={change.name === "" ? null : change}
          onPick={(asset) => set({ namespace: asset?.namespace ?? "", name: asset?.name ?? "", field: "" })}
        />
        {needs.includes("field") &&
          (isNewField ? (
            <TextInput
              label="New column"
              value={change.field}
              onChange={(event) => set({ field: event.currentTarget.value })}
            />
          ) : (
            <FieldPicker change={change} onPick={(field) => set({ field })} />
          ))}
        {needs.includes("to") && (
          <TextInput
            label={toLabel}
            value={change.to}
            placeholder={placeholderOf(change.kind)}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
        )}
        {needs.includes("sql") && <SqlField change={change} onText={(sql) => set({ sql })} />}
        {missing && (
          <Text size="xs" c="dimmed">
            {missing}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function placeholderOf(kind: ChangeKind): string {
  return kind === "retype_field" || kind === "add_field" ? "bigint, numeric(12,2), text …" : "";
}

function FieldPicker({ change, onPick }: { change: DraftChange; onPick: (field: string) => void }) {
  const asset = useQuery({ ...datasetQuery(change.namespace, change.name), enabled: change.name !== "" });
  const names = asset.data?.fields.map(({ name }) => name) ?? [];
  const known = change.field === "" || names.includes(change.field) ? names : [change.field, ...names];
  return (
    <Select
      size="sm"
      label="Column"
      searchable
      allowDeselect={false}
      disabled={change.name === ""}
      placeholder={asset.isFetching ? "Reading…" : "Choose"}
      nothingFoundMessage="No column of that name"
      value={change.field === "" ? null : change.field}
      onChange={(field) => onPick(field ?? "")}
      data={known}
    />
  );
}

/** The new text, with the present one to start from. */
function SqlField({ change, onText }: { change: DraftChange; onText: (sql: string) => void }) {
  const asset = useQuery({ ...datasetQuery(change.namespace, change.name), enabled: change.name !== "" });
  const writers = asset.data?.jobs.filter(({ role, sql }) => role === "writes" && sql) ?? [];
  const present = asset.data?.definition ?? (writers.length === 1 ? writers[0]?.sql : null);
  return (
    <>
      <Textarea
        label="New SQL"
        description="Of the view, or of the one job that fills the asset."
        rows={8}
        spellCheck={false}
        styles={{ input: { fontFamily: "ui-monospace, Menlo, Consolas, monospace", fontSize: 12.5 } }}
        value={change.sql}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      {present && change.sql === "" && (
        <div>
          <Button size="compact-xs" variant="subtle" onClick={() => onText(present)}>
            Start from the present SQL
          </Button>
        </div>
      )}
    </>
  );
}
