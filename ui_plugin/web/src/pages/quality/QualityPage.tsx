import { Container, Paper, SimpleGrid, Skeleton, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router-dom";
import { seriesQuery } from "../../api/quality";
import { type Metric, pointsOf } from "../../charts/shape";
import { Trend } from "../../charts/Trend";
import { formatNumber } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { PageHead } from "../PageHead";
import { ChecksTab } from "./ChecksTab";
import { IncidentsTab } from "./IncidentsTab";
import classes from "./QualityPage.module.css";

const FIGURES: { metric: Metric; label: string }[] = [
  { metric: "incidents", label: "Unresolved incidents" },
  { metric: "checks_failing", label: "Checks that fail" },
  { metric: "checks", label: "Checks" },
];

/** What checks found, what is wrong and who sees to it; tab, state and what is open lie in the URL. */
export default function QualityPage() {
  const [params, setParams] = useSearchParams();
  const tab = params.has("check") ? "checks" : (params.get("tab") ?? "incidents");
  const show = (values: Record<string, string | null>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === null) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <Container size="lg" py="lg">
      <PageHead title="Quality">
        Results of checks of dbt, Great Expectations and our own, and the incidents that they open.
      </PageHead>
      <InOrder gap="lg">
        <Figures />
        <Tabs
          value={tab}
          onChange={(next) => setParams(next === null ? {} : { tab: next }, { replace: true })}
          keepMounted={false}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="incidents">Incidents</Tabs.Tab>
            <Tabs.Tab value="checks">Checks</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="incidents">
            <IncidentsTab
              state={stateOf(params.get("state"))}
              open={params.get("incident")}
              onState={(state) => show({ state, incident: null })}
              onOpen={(incident) => show({ incident })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="checks">
            <ChecksTab
              state={params.get("state")}
              open={params.get("check")}
              onState={(state) => show({ state, check: null, tab: "checks" })}
              onOpen={(check) => show({ check, tab: "checks" })}
            />
          </Tabs.Panel>
        </Tabs>
      </InOrder>
    </Container>
  );
}

function stateOf(text: string | null): "unresolved" | "resolved" | "all" {
  return text === "resolved" || text === "all" ? text : "unresolved";
}

/** How it went in the last month; nothing where nothing is counted yet. */
function Figures() {
  const { data, isPending } = useQuery(seriesQuery({ metric: FIGURES.map(({ metric }) => metric), days: 30 }));
  if (isPending) return <Skeleton h={150} />;
  if (!data?.series.some(({ points }) => points.length > 0)) return null;
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} title="Counted once an hour">
      {FIGURES.map(({ metric, label }) => {
        const points = pointsOf(data, metric);
        const value = points.at(-1)?.value ?? 0;
        return (
          <Paper key={metric} withBorder p="md">
            <Text size="sm" c="dimmed">
              {label}
            </Text>
            <div className={classes.figure}>{formatNumber(value)}</div>
            <Trend label={label} points={points} write={formatNumber} isBad={metric !== "checks" && value > 0} />
          </Paper>
        );
      })}
    </SimpleGrid>
  );
}
