import { Button, CloseButton, Group, Text } from "@mantine/core";
import { countValues, FILTERS, type FilterName, type Filters, isFiltering } from "../graph/filter";
import { platformLook } from "../platforms/platforms";
import { formatNumber } from "../ui/format";
import classes from "./Explorer.module.css";
import type { ExplorerState } from "./explorerState";
import type { ExplorerModel } from "./useExplorer";

const TITLES: Record<FilterName, string> = {
  platform: "Platform",
  domain: "Domain",
  owner: "Owner",
  tag: "Tag",
  classification: "Classification",
};
const MOST_VALUES = 10;

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
}

/** Which assets are shown, by what is known of them; each value says how many assets of what was read have it. */
export function FilterPanel({ state, onChange, explorer }: Props) {
  const toggle = (name: FilterName, value: string) =>
    onChange({ ...state, panel: true, filters: toggled(state.filters, name, value) });
  return (
    <aside className={classes.filters} aria-label="Filters">
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="sm">
          Show only
        </Text>
        <CloseButton size="sm" aria-label="Close filters" onClick={() => onChange({ ...state, panel: false })} />
      </Group>
      {FILTERS.map((name) => (
        <FilterValues key={name} name={name} explorer={explorer} chosen={state.filters[name] ?? []} onToggle={toggle} />
      ))}
      {isFiltering(state.filters) && (
        <Button size="compact-xs" variant="default" onClick={() => onChange({ ...state, filters: {} })}>
          Show all again
        </Button>
      )}
    </aside>
  );
}

interface ValuesProps {
  name: FilterName;
  explorer: ExplorerModel;
  chosen: string[];
  onToggle: (name: FilterName, value: string) => void;
}

function FilterValues({ name, explorer, chosen, onToggle }: ValuesProps) {
  const counted = countValues(explorer.loaded, name);
  const shown = counted.slice(0, MOST_VALUES);
  const missing = chosen.filter((value) => !shown.some(([known]) => known === value));
  const values: [string, number][] = [...missing.map((value): [string, number] => [value, 0]), ...shown];
  if (values.length === 0) return null;
  return (
    <fieldset className={classes.filterGroup}>
      <legend>{TITLES[name]}</legend>
      {values.map(([value, count]) => (
        <button
          key={value}
          type="button"
          className={classes.column}
          aria-pressed={chosen.includes(value)}
          onClick={() => onToggle(name, value)}
        >
          <span className={classes.filterName}>
            {name === "platform" && <Dot platform={value} />}
            {name === "platform" && value !== "job" ? platformLook(value).title : value}
          </span>
          <span className={classes.type}>{formatNumber(count)}</span>
        </button>
      ))}
      {counted.length > MOST_VALUES && <Text size="xs">{counted.length - MOST_VALUES} more values</Text>}
    </fieldset>
  );
}

function Dot({ platform }: { platform: string }) {
  const { colour } = platformLook(platform === "job" ? "airflow" : platform);
  return <span className={classes.dot} style={{ background: colour }} />;
}

function toggled(filters: Filters, name: FilterName, value: string): Filters {
  const chosen = filters[name] ?? [];
  const next = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value];
  const { [name]: _, ...others } = filters;
  return next.length > 0 ? { ...others, [name]: next } : others;
}
