import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router-dom";
import { assetAddress } from "../app/addresses";
import type { Card, Link as LineageLink } from "../graph/model";
import { cardsInOrder } from "../graph/shape";
import { ChangeSign } from "../ui/ChangeSign";
import { ClassBadge } from "../ui/ClassBadge";
import { plural } from "../ui/format";
import { PlatformBadge } from "../ui/PlatformBadge";
import type { Actions } from "./actions";
import classes from "./Explorer.module.css";
import type { ExplorerModel } from "./useExplorer";

const MOST_LINKS_A_CARD = 60;

/** The graph in words: each asset, and which columns of which others feed it. */
export function LineageList({ explorer, actions }: { explorer: ExplorerModel; actions: Actions }) {
  const { model } = explorer;
  // What changed comes first: a card may have more links than are listed.
  const links = [...model.links].sort((a, b) => Number(Boolean(b.change)) - Number(Boolean(a.change)));
  const incoming = Map.groupBy(links, (link) => link.target.card);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls by keyboard.
    <section className={classes.list} tabIndex={0} aria-label="Lineage as a list">
      <Table stickyHeader verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Asset</Table.Th>
            <Table.Th>Platform</Table.Th>
            <Table.Th>Fed by</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cardsInOrder(model.cards.values()).map((card) => (
            <Table.Tr key={card.id}>
              <Table.Td style={{ verticalAlign: "top" }}>
                <CardName card={card} /> <ClassBadge classification={card.classification} size="xs" />
              </Table.Td>
              <Table.Td style={{ verticalAlign: "top" }}>
                {card.kind === "hidden" ? "–" : <PlatformBadge platform={card.platform} />}
              </Table.Td>
              <Table.Td>
                <Feeds links={incoming.get(card.id) ?? []} explorer={explorer} actions={actions} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function CardName({ card }: { card: Card }) {
  if (card.kind === "hidden") return <Text size="sm">Hidden assets</Text>;
  if (card.kind === "group") return <Text size="sm">{`${card.name}: ${plural(card.members.length, "asset")}`}</Text>;
  if (card.kind === "job") return <Text size="sm">{card.name} (job)</Text>;
  return (
    <Anchor component={Link} to={assetAddress(card.namespace, card.name)} size="sm">
      {card.name}
    </Anchor>
  );
}

function Feeds({ links, explorer, actions }: { links: LineageLink[]; explorer: ExplorerModel; actions: Actions }) {
  if (links.length === 0) return <Text size="sm">nothing shown</Text>;
  const nameOf = (id: string) => explorer.model.cards.get(id)?.name ?? "hidden";
  return (
    <ul className={classes.columns}>
      {links.slice(0, MOST_LINKS_A_CARD).map((link) => (
        <li key={link.id}>
          <button type="button" className={classes.column} onClick={() => actions.selectLink(link.id)}>
            <span>
              {link.change && <ChangeSign change={link.change} />}
              {[nameOf(link.source.card), link.source.column].filter(Boolean).join(" . ")}
              {link.target.column && ` → ${link.target.column}`}
            </span>
            <span className={classes.type}>{link.edge.subtype ?? link.edge.kind.toLowerCase()}</span>
          </button>
        </li>
      ))}
      {links.length > MOST_LINKS_A_CARD && <li>{links.length - MOST_LINKS_A_CARD} more: export CSV to read all.</li>}
    </ul>
  );
}
