import { Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "../api/queries";

export interface PickedAsset {
  namespace: string;
  name: string;
}

interface Props {
  label: string;
  value: PickedAsset | null;
  onPick: (asset: PickedAsset | null) => void;
  isClearable?: boolean;
  placeholder?: string;
}

const TYPING_MS = 150;
const MOST_FOUND = 20;

/** Search for one asset of the catalogue as you type. */
export function AssetPicker({ label, value, onPick, isClearable = false, placeholder = "Type a name" }: Props) {
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, TYPING_MS);
  const isShown = value !== null && text === value.name;
  const found = useQuery(datasetsQuery({ q: isShown ? "" : settled, limit: MOST_FOUND }));
  const options = new Map((found.data?.items ?? []).map((asset) => [keyOf(asset), asset as PickedAsset]));
  if (value) options.set(keyOf(value), value);
  return (
    <Select
      size="sm"
      label={label}
      placeholder={placeholder}
      searchable
      clearable={isClearable}
      allowDeselect={isClearable}
      filter={({ options: all }) => all}
      nothingFoundMessage={found.isFetching ? "Searching…" : "No asset of that name"}
      maxDropdownHeight={320}
      value={value ? keyOf(value) : null}
      onSearchChange={setText}
      onChange={(key) => onPick(key === null ? null : (options.get(key) ?? null))}
      data={[...options].map(([key, { name }]) => ({ value: key, label: name }))}
      renderOption={({ option }) => (
        <div>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {option.label}
          </Text>
          <Text size="xs" c="dimmed">
            {options.get(option.value)?.namespace}
          </Text>
        </div>
      )}
    />
  );
}

function keyOf({ namespace, name }: PickedAsset): string {
  return `${namespace} ${name}`;
}
