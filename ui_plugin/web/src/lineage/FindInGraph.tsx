import { Select } from "@mantine/core";
import { type RefObject, useMemo } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { columnsInOrder, type GraphModel, type Port, titleOf } from "../graph/model";
import { cardsInOrder } from "../graph/shape";
import type { Actions } from "./actions";
import type { ExplorerModel } from "./useExplorer";
import { bringIntoSight } from "./walk";

interface Props {
  explorer: ExplorerModel;
  stage: Stage | null;
  input: RefObject<HTMLInputElement | null>;
  actions: Actions;
}

/** Search among what is shown: assets and columns by name. */
export function FindInGraph({ explorer, stage, input, actions }: Props) {
  const ports = useMemo(() => portsOf(explorer.model), [explorer.model]);
  const go = (key: string | null) => {
    const found = ports[Number(key)];
    if (key === null || !found) return;
    actions.select(found.port);
    bringIntoSight(stage, found.port.card);
  };
  return (
    <Select
      ref={input}
      size="xs"
      w={170}
      searchable
      aria-label="Find in graph"
      placeholder="Find in graph ( / )"
      limit={20}
      value={null}
      nothingFoundMessage="Nothing of that name is shown"
      data={ports.map(({ label }, index) => ({ value: String(index), label }))}
      onChange={go}
      rightSection={null}
    />
  );
}

function portsOf(model: GraphModel): { label: string; port: Port }[] {
  return cardsInOrder(model.cards.values())
    .filter((card) => card.kind !== "hidden")
    .flatMap((card) => {
      const title = titleOf(card);
      const columns = columnsInOrder(card).map((column) => ({
        label: `${title}.${column.name}`,
        port: { card: card.id, column: column.name },
      }));
      return [{ label: card.name, port: { card: card.id, column: null } }, ...columns];
    });
}
