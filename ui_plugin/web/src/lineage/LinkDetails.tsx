import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { diffQuery } from "../api/queries";
import type { ChangedEdge, ChangedField } from "../api/types";
import type { Change } from "../graph/change";
import { type Link as LineageLink, type Port, titleOf } from "../graph/model";
import { CauseOf } from "../ui/CauseOf";
import { ChangeSign } from "../ui/ChangeSign";
import { CopyBlock } from "../ui/CopyBlock";
import { formatTime, plural } from "../ui/format";
import type { Actions } from "./actions";
import classes from "./Explorer.module.css";
import type { ExplorerState } from "./explorerState";
import { JobInAirflow } from "./JobInAirflow";
import type { ExplorerModel } from "./useExplorer";

const MOST_CHANGES = 10_000;

const MEANINGS: Record<string, string> = {
  IDENTITY: "Copied as it is",
  TRANSFORMATION: "Computed from it",
  AGGREGATION: "Aggregated from it",
  CONDITION: "Decides the value",
  CONDITIONAL: "Decides the value",
  WINDOW: "Orders or divides a window",
  FILTER: "Decides which rows there are",
  JOIN: "Joins rows",
  GROUP_BY: "Groups rows",
  SORT: "Orders rows",
};

const ORIGINS: Record<string, string> = {
  event: "stated by the job's event",
  sql: "read from the job's SQL",
  view: "read from the view's definition",
  "query-log": "read from the query log",
  dashboard: "read from the dashboard",
  manual: "stated by a person",
};

const CONFIDENCE: Record<string, string> = {
  schema: "the table's schema has the column",
  written: "the SQL names the table; its schema is not known",
  unique: "the only table that may have the column",
  guessed: "a guess: the known schema lacks the column",
};

interface Props {
  link: LineageLink;
  state: ExplorerState;
  explorer: ExplorerModel;
  actions: Actions;
}

/** How one thing feeds another: transformation, job, where we know it from, since when. */
export function LinkDetails({ link, state, explorer, actions }: Props) {
  const { edge } = link;
  const siblings = explorer.whole.links.filter(
    (one) => one.source.card === link.source.card && one.target.card === link.target.card && one.id !== link.id,
  );
  return (
    <Stack gap="sm">
      <Title order={2} size="h5" pr={36}>
        {labelOf(link.source, explorer)} → {labelOf(link.target, explorer)}
      </Title>
      <Group gap={6}>
        <Badge variant="light">{(edge.subtype ?? edge.kind).replaceAll("_", " ")}</Badge>
        {edge.inferred && (
          <Badge variant="light" color="orange">
            inferred
          </Badge>
        )}
      </Group>
      {link.via !== undefined && (
        <Text size="sm">Leads through {plural(link.via, "asset")} or more that the filters leave out.</Text>
      )}
      {link.change && <ChangeCause link={link} change={link.change} state={state} />}
      {edge.subtype && <Text size="sm">{MEANINGS[edge.subtype] ?? edge.subtype}.</Text>}
      {edge.expression && <CopyBlock text={edge.expression} isSql label="Expression" />}
      <dl className={classes.facts}>
        <dt>Job</dt>
        <dd>
          {edge.job?.name ?? "–"}
          {edge.job && (
            <div>
              <JobInAirflow job={edge.job} beside={explorer.whole.cards.get(link.target.card)} />
            </div>
          )}
        </dd>
        <dt>Known from</dt>
        <dd>{edge.origin ? (ORIGINS[edge.origin] ?? edge.origin) : "–"}</dd>
        {edge.confidence && (
          <>
            <dt>Sure because</dt>
            <dd>{CONFIDENCE[edge.confidence]}</dd>
          </>
        )}
        <dt>Since</dt>
        <dd>{formatTime(edge.valid_from)}</dd>
        {edge.valid_to && (
          <>
            <dt>Until</dt>
            <dd>{formatTime(edge.valid_to)}</dd>
          </>
        )}
      </dl>
      {siblings.length > 0 && <Siblings links={siblings} explorer={explorer} actions={actions} />}
    </Stack>
  );
}

/** What happened to a link between two times, when, and because of which event. */
function ChangeCause({ link, change, state }: { link: LineageLink; change: Change; state: ExplorerState }) {
  const { namespace, name, kind } = state.root;
  const found = useQuery({
    ...diffQuery({
      namespace,
      name,
      from: state.compare ?? "",
      depth: state.depth,
      limit: MOST_CHANGES,
      ...(state.asOf === null ? {} : { to: state.asOf }),
      ...(state.knownAt === null ? {} : { known_at: state.knownAt }),
    }),
    enabled: kind === "dataset" && state.compare !== null,
  });
  const told = found.data?.changes.find((row) => tellsOf(row.after ?? row.before, link));
  return (
    <div>
      <Text size="sm" fw={600}>
        <ChangeSign change={change} />
        {told && formatTime(told.at)}
      </Text>
      {told && <CauseOf cause={told.cause} />}
      {found.isSuccess && !told && <Text size="xs">Its cause is not among the changes around this asset.</Text>}
    </div>
  );
}

function tellsOf(side: ChangedEdge | ChangedField | null, { edge }: LineageLink): boolean {
  if (side === null || !("source" in side)) return false;
  return side.source === edge.source && side.target === edge.target && side.kind === edge.kind;
}

function Siblings({ links, explorer, actions }: { links: LineageLink[]; explorer: ExplorerModel; actions: Actions }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        Other links between the two
      </Text>
      <ul className={classes.columns}>
        {links.map((one) => (
          <li key={one.id}>
            <button type="button" className={classes.column} onClick={() => actions.selectLink(one.id)}>
              <span>
                {one.source.column ?? labelOf(one.source, explorer)} →{" "}
                {one.target.column ?? labelOf(one.target, explorer)}
              </span>
              <span className={classes.type}>{(one.edge.subtype ?? one.edge.kind).toLowerCase()}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function labelOf(port: Port, explorer: ExplorerModel): string {
  const card = explorer.whole.cards.get(port.card);
  const title = card ? titleOf(card) : "Hidden";
  return port.column === null ? title : `${title}.${port.column}`;
}
