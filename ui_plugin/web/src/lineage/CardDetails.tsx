import { Anchor, Button, Group, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { datasetQuery } from "../api/queries";
import type { FieldDetail } from "../api/types";
import { assetAddress, impactAddress, lineageAddress } from "../app/addresses";
import { groupId, groupKeyOf } from "../graph/groups";
import { type Card, nameParts, titleOf } from "../graph/model";
import { kindWords } from "../platforms/kinds";
import { ClassBadge } from "../ui/ClassBadge";
import { formatNumber, plural } from "../ui/format";
import { ProblemNotice } from "../ui/Notice";
import { PlatformBadge } from "../ui/PlatformBadge";
import type { Actions } from "./actions";
import { assetId } from "./assetRef";
import classes from "./Explorer.module.css";
import type { ExplorerState } from "./explorerState";
import { JobInAirflow } from "./JobInAirflow";
import type { ExplorerModel } from "./useExplorer";

interface Props {
  card: Card;
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
  explorer: ExplorerModel;
  actions: Actions;
}

/** What a card is, how far it reaches, and its columns to trace. */
export function CardDetails({ card, state, onChange, explorer, actions }: Props) {
  const reach = explorer.closure ? explorer.closure.cards.size - 1 : 0;
  const isRoot = card.id === assetId(state.root);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4" pr={36} style={{ overflowWrap: "anywhere" }}>
        {titleOf(card)}
        {state.field !== null && <Text span c="dimmed" inherit>{` . ${state.field}`}</Text>}
      </Title>
      <Group gap="xs">
        <PlatformBadge platform={card.platform} />
        <ClassBadge classification={card.classification} size="sm" />
        <Text size="sm" c="dimmed">
          {[nameParts(card).prefix, kindWords(card.datasetKind)].filter(Boolean).join(" · ")}
        </Text>
      </Group>
      <dl className={classes.facts}>
        <dt>Upstream, downstream</dt>
        <dd>
          {formatNumber(card.upstreamCount)}, {formatNumber(card.downstreamCount)}
        </dd>
        <dt>{state.field === null ? "Connected here" : "The column touches"}</dt>
        <dd>{plural(reach, "other asset")}</dd>
      </dl>
      <Group gap={6}>
        <Button size="compact-sm" onClick={() => onChange({ ...state, focus: !state.focus })}>
          {state.focus ? "Leave focus" : "Focus path"}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => actions.toggleOpen(card.id)}>
          {state.open.includes(card.id) ? "Close columns" : "All columns"}
        </Button>
        {state.view === "groups" && <GroupButton card={card} actions={actions} />}
        {!isRoot && card.kind === "dataset" && (
          <Button
            size="compact-sm"
            variant="default"
            component={Link}
            to={lineageAddress({ ...card, kind: "dataset" }, state.field)}
          >
            Start here
          </Button>
        )}
      </Group>
      {card.kind === "dataset" && <DatasetPart card={card} field={state.field} actions={actions} />}
      {card.kind === "job" && <JobInAirflow job={card} beside={datasetBeside(card, explorer)} />}
    </Stack>
  );
}

function datasetBeside(card: Card, { beside, whole }: ExplorerModel): Card | undefined {
  const near = beside.get(card.id);
  return [...(near?.downstream ?? []), ...(near?.upstream ?? [])]
    .map((id) => whole.cards.get(id))
    .find((found) => found?.kind === "dataset");
}

function GroupButton({ card, actions }: { card: Card; actions: Actions }) {
  const key = groupKeyOf(card);
  if (key === null) return null;
  return (
    <Button size="compact-sm" variant="default" onClick={() => actions.toggleOpen(groupId(key))}>
      Back into its group
    </Button>
  );
}

function DatasetPart({ card, field, actions }: { card: Card; field: string | null; actions: Actions }) {
  const dataset = useQuery(datasetQuery(card.namespace, card.name));
  if (dataset.isPending) return <Skeleton h={120} />;
  if (dataset.isError) return <ProblemNotice error={dataset.error} />;
  return (
    <>
      {dataset.data.description && <Text size="sm">{dataset.data.description}</Text>}
      <Group gap="md">
        <Anchor component={Link} to={assetAddress(card.namespace, card.name)} size="sm">
          Open the asset's page
        </Anchor>
        <Anchor component={Link} to={impactAddress(card, field)} size="sm">
          What breaks if…
        </Anchor>
      </Group>
      <ColumnList card={card} fields={dataset.data.fields} traced={field} actions={actions} />
    </>
  );
}

const MOST_LISTED = 200;

interface ColumnListProps {
  card: Card;
  fields: FieldDetail[];
  traced: string | null;
  actions: Actions;
}

function ColumnList({ card, fields, traced, actions }: ColumnListProps) {
  const [text, setText] = useState("");
  const found = fields.filter((field) => field.name.toLowerCase().includes(text.toLowerCase()));
  return (
    <div>
      <TextInput
        size="xs"
        mb={6}
        aria-label="Find a column of this asset"
        placeholder={`Find in ${plural(fields.length, "column")}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={classes.columns}>
        {found.slice(0, MOST_LISTED).map((field) => (
          <li key={field.name}>
            <button
              type="button"
              className={classes.column}
              aria-pressed={field.name === traced}
              title="Trace this column"
              onClick={() => actions.select({ card: card.id, column: field.name === traced ? null : field.name })}
            >
              <span>
                {field.name} <ClassBadge classification={field.classification} size="xs" />
              </span>
              <span className={classes.type}>{field.type}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > MOST_LISTED && <Text size="xs">{found.length - MOST_LISTED} more: type to narrow.</Text>}
    </div>
  );
}
