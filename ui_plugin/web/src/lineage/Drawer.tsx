import { CloseButton, Group } from "@mantine/core";
import type { Actions } from "./actions";
import { CardDetails } from "./CardDetails";
import classes from "./Explorer.module.css";
import { type ExplorerState, selectedId } from "./explorerState";
import { GroupDetails } from "./GroupDetails";
import { LinkDetails } from "./LinkDetails";
import type { ExplorerModel } from "./useExplorer";

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
  actions: Actions;
}

/** Details of what is selected, beside the graph and never over it. */
export function Drawer({ state, onChange, explorer, actions }: Props) {
  const link = state.link === null ? undefined : explorer.whole.links.find((one) => one.id === state.link);
  const card = explorer.whole.cards.get(selectedId(state)) ?? explorer.loaded.cards.get(selectedId(state));
  const close = () => onChange({ ...state, selected: null, field: null, link: null, focus: false });
  return (
    <aside className={classes.drawer} aria-label="Details">
      <Group justify="flex-end" mb={-26}>
        <CloseButton aria-label="Close details" onClick={close} />
      </Group>
      {link ? (
        <LinkDetails link={link} state={state} explorer={explorer} actions={actions} />
      ) : (
        card &&
        (card.kind === "group" ? (
          <GroupDetails card={card} explorer={explorer} actions={actions} />
        ) : (
          <CardDetails card={card} state={state} onChange={onChange} explorer={explorer} actions={actions} />
        ))
      )}
    </aside>
  );
}
