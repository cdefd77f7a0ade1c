import { Select } from "@mantine/core";
import { type RefObject, useDeferredValue, useMemo, useState } from "react";
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

const MOST_FOUND = 20;

/** Search among what is shown: assets and columns by name. */
export function FindInGraph({ explorer, stage, input, actions }: Props) {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const found = useMemo(() => findPorts(explorer.model, wanted), [explorer.model, wanted]);
  const go = (key: string | null) => {
    const hit = found[Number(key)];
    if (key === null || !hit) return;
    actions.select(hit.port);
    bringIntoSight(stage, hit.port.card);
  };
  return (
    <Select
      ref={input}
      size="xs"
      w={150}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      aria-label="Find in graph"
      placeholder="Find in graph ( / )"
      value={null}
      nothingFoundMessage="Nothing of that name is shown"
      data={found.map(({ label }, index) => ({ value: String(index), label }))}
      onChange={go}
      rightSection={null}
    />
  );
}

interface Found {
  label: string;
  port: Port;
}

/** The first matches, assets before columns. */
function findPorts(model: GraphModel, text: string): Found[] {
  const cards = cardsInOrder(model.cards.values()).filter((card) => card.kind !== "hidden");
  const assets = cards.map((card): Found => ({ label: card.name, port: { card: card.id, column: null } }));
  const found = assets.filter(({ label }) => label.toLowerCase().includes(text)).slice(0, MOST_FOUND);
  for (const card of cards) {
    for (const { name } of columnsInOrder(card)) {
      if (found.length >= MOST_FOUND) return found;
      const label = `${titleOf(card)}.${name}`;
      if (label.toLowerCase().includes(text)) found.push({ label, port: { card: card.id, column: name } });
    }
  }
  return found;
}
