import {
  Anchor,
  Button,
  Container,
  Group,
  Paper,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router-dom";
import { datasetsQuery, overviewQuery } from "../../api/queries";
import type { Overview } from "../../api/types";
import { assetAddress, catalogueAddress } from "../../app/addresses";
import { platformLook } from "../../platforms/platforms";
import { formatAgo, formatNumber, plural } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PlatformBadge } from "../../ui/PlatformBadge";
import { PageHead } from "../PageHead";
import classes from "./HomePage.module.css";

/** What is known, how fresh it is, and where to go; an Airflow tab that names a DAG goes on to its lineage. */
export function HomePage() {
  const [params] = useSearchParams();
  const overview = useQuery(overviewQuery);
  if (params.has("dag_id")) return <Navigate to={`/lineage?${params}`} replace />;
  if (overview.isError && !overview.data) return <ProblemNotice error={overview.error} onRetry={overview.refetch} />;
  return (
    <Container size="lg" py="lg">
      <PageHead
        title="Home"
        action={
          <Button component={Link} to="/connect">
            Connect a source
          </Button>
        }
      >
        {overview.data && <Freshness overview={overview.data} />}
      </PageHead>
      {overview.isPending && <Skeleton h={240} />}
      {overview.data?.datasets === 0 && <Welcome />}
      {overview.data && overview.data.datasets > 0 && <Known overview={overview.data} />}
    </Container>
  );
}

/** Leads to the catalogue with what was typed. */
function SearchBox() {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(catalogueAddress({ q: text }));
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        size="md"
        type="search"
        aria-label="Search the catalogue"
        placeholder="Search assets, columns, descriptions"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

function Freshness({ overview }: { overview: Overview }) {
  const lag = overview.lag_events;
  const state =
    lag === 0 ? "All accepted events are in the graph." : `${plural(lag, "accepted event")} not in the graph yet.`;
  return (
    <>
      {state} Last event {formatAgo(overview.last_event_at)}.
    </>
  );
}

function Welcome() {
  return (
    <Paper withBorder>
      <EmptyState
        title="Nothing is known yet"
        action={
          <Button component={Link} to="/connect" size="md">
            Connect a source
          </Button>
        }
      >
        Connect a database: its tables, views and columns, and the lineage in its view definitions and query log, are
        here a minute later. Airflow, dbt and Spark can send OpenLineage events to <code>/api/v1/lineage</code> as well.
      </EmptyState>
    </Paper>
  );
}

function Known({ overview }: { overview: Overview }) {
  const covered = overview.fields === 0 ? 0 : Math.round((100 * overview.fields_with_lineage) / overview.fields);
  return (
    <Stack gap="lg">
      <SearchBox />
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Figure label="Assets" value={formatNumber(overview.datasets)} to={catalogueAddress()} />
        <Figure label="Columns" value={formatNumber(overview.fields)} note={`${covered} % with lineage`} />
        <Figure label="Jobs" value={formatNumber(overview.jobs)} />
        <Figure label="Lineage links" value={formatNumber(overview.edges)} />
      </SimpleGrid>
      {overview.dead_letters > 0 && (
        <Paper withBorder p="sm">
          <Group gap="xs">
            <Text size="sm">{plural(overview.dead_letters, "event")} could not be merged.</Text>
            <Anchor component={Link} to="/dead-letters" size="sm">
              See why
            </Anchor>
          </Group>
        </Paper>
      )}
      <div className={classes.halves}>
        <Platforms overview={overview} />
        <Recent />
      </div>
    </Stack>
  );
}

interface FigureProps {
  label: string;
  value: string;
  note?: string;
  to?: string;
}

function Figure({ label, value, note, to }: FigureProps) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" c="dimmed">
        {to ? (
          <Anchor component={Link} to={to} size="sm">
            {label}
          </Anchor>
        ) : (
          label
        )}
      </Text>
      <Text fz={30} fw={650} lh={1.2}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" mih={18}>
        {note}
      </Text>
    </Paper>
  );
}

function Platforms({ overview }: { overview: Overview }) {
  const most = Math.max(1, ...overview.platforms.map((platform) => platform.count));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Platforms
      </Title>
      <Stack gap={8}>
        {overview.platforms.map(({ value, count }) => (
          <Link key={value} to={catalogueAddress({ platform: value })} className={classes.platform}>
            <Group justify="space-between" wrap="nowrap">
              <PlatformBadge platform={value} />
              <Text size="sm">{formatNumber(count)}</Text>
            </Group>
            <div className={classes.track}>
              <div style={{ width: `${(100 * count) / most}%`, background: platformLook(value).colour }} />
            </div>
          </Link>
        ))}
      </Stack>
    </Paper>
  );
}

const RECENT = 8;

function Recent() {
  const { data } = useQuery({ ...datasetsQuery({ limit: 100 }), refetchInterval: 30_000 });
  const newest = [...(data?.items ?? [])]
    .sort((a, b) => (b.updated_at ?? "").localeCompare(a.updated_at ?? ""))
    .slice(0, RECENT);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Recently changed
      </Title>
      <Stack gap={6}>
        {newest.map((dataset) => (
          <Group key={dataset.id} justify="space-between" wrap="nowrap" gap="sm">
            <Anchor component={Link} to={assetAddress(dataset.namespace, dataset.name)} size="sm" truncate>
              {dataset.name}
            </Anchor>
            <Text size="xs" c="dimmed" className={classes.ago}>
              {formatAgo(dataset.updated_at)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
