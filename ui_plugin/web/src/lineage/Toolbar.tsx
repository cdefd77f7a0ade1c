import { Button, SegmentedControl, Select, Switch } from "@mantine/core";
import type { RefObject } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { splitName, titleOf } from "../graph/model";
import { plural } from "../ui/format";
import type { Actions } from "./actions";
import { assetId } from "./assetRef";
import classes from "./Explorer.module.css";
import { ExportMenu } from "./ExportMenu";
import { ALL_HOPS, DEPTHS, type Direction, type ExplorerState, isOfTime, type ViewKind } from "./explorerState";
import { FindInGraph } from "./FindInGraph";
import type { ExplorerModel } from "./useExplorer";

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
  stage: Stage | null;
  find: RefObject<HTMLInputElement | null>;
  actions: Actions;
}

/** Everything that decides which lineage is shown, and how. */
export function Toolbar({ state, onChange, explorer, stage, find, actions }: Props) {
  const root = explorer.loaded.cards.get(assetId(state.root));
  const set = (change: Partial<ExplorerState>) => onChange({ ...state, ...change });
  const isTimeOpen = state.time || isOfTime(state);
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Lineage view">
      <h1 className={classes.title} title={state.root.name}>
        {root ? titleOf(root) : splitName(state.root.name, state.root.kind).title}
      </h1>
      <Counts explorer={explorer} />
      <FindInGraph explorer={explorer} stage={stage} input={find} actions={actions} />
      <span className={classes.grow} />
      <SegmentedControl
        size="xs"
        aria-label="Direction"
        value={state.direction}
        onChange={(direction) => set({ direction: direction as Direction })}
        data={[
          { value: "upstream", label: "Upstream" },
          { value: "both", label: "Both" },
          { value: "downstream", label: "Downstream" },
        ]}
      />
      <Select
        size="xs"
        w={90}
        aria-label="How many hops"
        allowDeselect={false}
        value={String(state.depth)}
        onChange={(depth) => set({ depth: Number(depth) })}
        data={[...new Set([...DEPTHS, state.depth])].sort((a, b) => a - b).map(depthOption)}
      />
      <SegmentedControl
        size="xs"
        aria-label="Level of detail"
        value={state.view}
        onChange={(view) => set({ view: view as ViewKind })}
        data={[
          { value: "columns", label: "Columns" },
          { value: "tables", label: "Assets" },
          { value: "list", label: "List" },
        ]}
      />
      <Switch
        size="xs"
        label="Filters"
        title="Also columns that decide which rows there are: filters, joins, grouping, sorting"
        checked={state.indirect}
        onChange={(event) => set({ indirect: event.currentTarget.checked })}
      />
      <Button
        size="xs"
        variant={isTimeOpen ? "light" : "default"}
        aria-pressed={isTimeOpen}
        title="Lineage of another time, or of two compared"
        onClick={() => set(isTimeOpen ? { time: false, asOf: null, compare: null, knownAt: null } : { time: true })}
      >
        Time
      </Button>
      <ExportMenu explorer={explorer} stage={stage} name={state.root.name} />
    </div>
  );
}

function depthOption(depth: number) {
  return { value: String(depth), label: depth === ALL_HOPS ? "All hops" : plural(depth, "hop") };
}

/** How much is shown, and how much is known to lie beyond. */
function Counts({ explorer }: { explorer: ExplorerModel }) {
  const beyond = [...explorer.marks.more.values()].reduce((sum, more) => sum + more.upstream + more.downstream, 0);
  return (
    <span className={classes.type} role="status">
      {explorer.isFetching ? "Reading…" : plural(explorer.model.cards.size, "asset")}
      {beyond > 0 && `, ${beyond} more next to them`}
    </span>
  );
}
