import { Anchor, Group, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../api/queries";
import type { Overview } from "../api/types";
import { catalogueAddress } from "../app/addresses";
import { fullPage } from "../app/airflowHost";
import { formatAgo, formatNumber } from "../ui/format";
import { ProblemNotice } from "../ui/Notice";

/** What is known, in a few lines, with ways into it: stands on Airflow's home page. Links take the whole window. */
export default function WidgetPage() {
  const overview = useQuery({ ...overviewQuery, refetchInterval: 30_000 });
  if (overview.isError) return <ProblemNotice error={overview.error} onRetry={overview.refetch} />;
  return (
    <Group justify="space-between" align="flex-start" p="xs" gap="lg">
      <div>
        <Title order={1} size="h5">
          <WayIn to="/">Data lineage</WayIn>
        </Title>
        <Text size="xs" c="dimmed" mih={18}>
          {overview.data && `Last event ${formatAgo(overview.data.last_event_at)}`}
        </Text>
      </div>
      <Figures overview={overview.data} />
      <form action={fullPage("/catalogue")} target="_top">
        <TextInput
          type="search"
          name="q"
          size="xs"
          w={240}
          aria-label="Search the catalogue"
          placeholder="Search data"
        />
      </form>
    </Group>
  );
}

function WayIn({ to, children }: { to: string; children: string }) {
  return (
    <Anchor href={fullPage(to)} target="_top" inherit>
      {children}
    </Anchor>
  );
}

function Figures({ overview }: { overview: Overview | undefined }) {
  const covered = overview?.fields ? Math.round((100 * overview.fields_with_lineage) / overview.fields) : 0;
  const dead = overview?.dead_letters ?? 0;
  return (
    <Group gap="xl" component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label="What is known">
      <Figure label="Assets" value={overview && formatNumber(overview.datasets)} to={catalogueAddress()} />
      <Figure label="Jobs" value={overview && formatNumber(overview.jobs)} />
      <Figure label="Columns with lineage" value={overview && `${covered} %`} />
      <Figure label="Events waiting" value={overview && formatNumber(overview.lag_events)} />
      {dead > 0 && <Figure label="Events refused" value={formatNumber(dead)} to="/dead-letters" />}
    </Group>
  );
}

/** Keeps its height while the value is read. */
function Figure({ label, value, to }: { label: string; value: string | undefined; to?: string }) {
  return (
    <li>
      <Text fw={650} lh={1.3}>
        {value ?? "…"}
      </Text>
      <Text size="xs" c="dimmed">
        {to ? <WayIn to={to}>{label}</WayIn> : label}
      </Text>
    </li>
  );
}
