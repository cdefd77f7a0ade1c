import { Button, SegmentedControl, Select, Switch } from "@mantine/core";
import type { RefObject } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { isFiltering } from "../graph/filter";
import { splitName, titleOf } from "../graph/model";
import { plural } from "../ui/format";
import type { Actions } from "./actions";
import { assetId } from "./assetRef";
import classes from "./Explorer.module.css";
import { ExportMenu } from "./ExportMenu";
import {
  ALL_HOPS,
  DEPTHS,
  type Direction,
  type ExplorerState,
  isOfTime,
  type OverlayKind,
  type ViewKind,
} from "./explorerState";
import { FindInGraph } from "./FindInGraph";
import type { ExplorerModel } from "./useExplorer";

const OVERLAYS = [
  { value: "none", label: "Platforms" },
  { value: "classes", label: "Classes" },
  { value: "impact", label: "Impact" },
];

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
      <div className={classes.heading}>
        <h1 className={classes.title} title={state.root.name}>
          {root ? titleOf(root) : splitName(state.root.name, state.root.kind).title}
        </h1>
        <Counts explorer={explorer} />
      </div>
      <FindInGraph explorer={explorer} stage={stage} input={find} actions={actions} />
      <Select
        size="xs"
        w={122}
        aria-label="Direction"
        allowDeselect={false}
        value={state.direction}
        onChange={(direction) => set({ direction: direction as Direction })}
        data={[
          { value: "both", label: "Both ways" },
          { value: "upstream", label: "Upstream" },
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
      <Button
        size="xs"
        px={8}
        variant="default"
        aria-label="+1 hop"
        title="One hop more"
        disabled={state.depth >= ALL_HOPS}
        onClick={() => set({ depth: state.depth + 1 })}
      >
        +1
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="Level of detail"
        value={state.view}
        onChange={(view) => set({ view: view as ViewKind })}
        data={[
          { value: "groups", label: "Domains" },
          { value: "tables", label: "Assets" },
          { value: "columns", label: "Columns" },
          { value: "list", label: "List" },
        ]}
      />
      <Switch
        size="xs"
        label="Indirect"
        title="Also columns that decide which rows there are: filters, joins, grouping, sorting"
        checked={state.indirect}
        onChange={(event) => set({ indirect: event.currentTarget.checked })}
      />
      <Select
        size="xs"
        w={104}
        aria-label="Colours"
        allowDeselect={false}
        value={state.overlay}
        onChange={(overlay) => set({ overlay: overlay as OverlayKind })}
        data={OVERLAYS}
      />
      <Button
        size="xs"
        variant={state.panel || isFiltering(state.filters) ? "light" : "default"}
        aria-pressed={state.panel}
        title="Show only some platforms, tags, owners, classes or domains"
        onClick={() => set({ panel: !state.panel })}
      >
        Filter
      </Button>
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

/** Groups stand for the assets in them; what focus and filters leave out is told beside what is shown. */
function countOf({ model, loaded }: ExplorerModel): string {
  const cards = [...model.cards.values()];
  const shown = cards.reduce((sum, card) => sum + Math.max(1, card.members.length), 0);
  return shown === loaded.cards.size ? plural(shown, "asset") : `${shown} of ${plural(loaded.cards.size, "asset")}`;
}

/** How much is shown, and how much is known to lie beyond. */
function Counts({ explorer }: { explorer: ExplorerModel }) {
  const beyond = [...explorer.marks.more.values()].reduce((sum, more) => sum + more.upstream + more.downstream, 0);
  return (
    <span className={classes.type} role="status" title={beyond > 0 ? `${beyond} more next to them` : undefined}>
      {explorer.isFetching ? "Reading…" : countOf(explorer)}
      {beyond > 0 && `, ${beyond} more`}
    </span>
  );
}
