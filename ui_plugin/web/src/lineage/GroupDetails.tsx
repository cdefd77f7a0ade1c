import { Anchor, Button, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import { assetAddress } from "../app/addresses";
import { type Card, titleOf } from "../graph/model";
import { plural } from "../ui/format";
import type { Actions } from "./actions";
import classes from "./Explorer.module.css";
import type { ExplorerModel } from "./useExplorer";

const MOST_LISTED = 200;

/** The assets of a domain or schema, and a way to show them in the graph. */
export function GroupDetails({ card, explorer, actions }: { card: Card; explorer: ExplorerModel; actions: Actions }) {
  const members = card.members.flatMap((id) => explorer.loaded.cards.get(id) ?? []);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4" pr={36} style={{ overflowWrap: "anywhere" }}>
        {titleOf(card)}
      </Title>
      <Text size="sm" c="dimmed">
        {card.domain === null ? `Schema of ${card.namespace}` : "Domain"} with {plural(members.length, "asset")} of what
        is loaded
      </Text>
      <div>
        <Button size="compact-sm" onClick={() => actions.toggleOpen(card.id)}>
          Show its assets in the graph
        </Button>
      </div>
      <ul className={classes.columns}>
        {members.slice(0, MOST_LISTED).map((member) => (
          <li key={member.id}>
            <Anchor component={Link} to={assetAddress(member.namespace, member.name)} size="sm">
              {member.name}
            </Anchor>
          </li>
        ))}
      </ul>
      {members.length > MOST_LISTED && <Text size="xs">{members.length - MOST_LISTED} more.</Text>}
    </Stack>
  );
}
