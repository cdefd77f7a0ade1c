import { Button, Container, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, Navigate, useSearchParams } from "react-router-dom";
import { overviewQuery } from "../../api/queries";
import type { Overview } from "../../api/types";
import { formatAgo, plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";

const Dashboard = lazy(() => import("./Dashboard"));
const Welcome = lazy(() => import("./Welcome"));

/** What is known, how fresh it is, and where to go; an Airflow tab that names a DAG goes on to its lineage. */
export function HomePage() {
  const [params] = useSearchParams();
  const overview = useQuery(overviewQuery);
  if (params.has("dag_id")) return <Navigate to={`/lineage?${params}`} replace />;
  if (overview.isError && !overview.data) return <ProblemNotice error={overview.error} onRetry={overview.refetch} />;
  return (
    <Container size="xl" py="lg">
      <PageHead
        title="Home"
        action={
          <Button component={Link} to="/connect">
            Connect a source
          </Button>
        }
      >
        {overview.data ? <Freshness overview={overview.data} /> : "Reading…"}
      </PageHead>
      <Suspense fallback={<Skeleton h={480} />}>
        {overview.isPending && <Skeleton h={480} />}
        {overview.data?.datasets === 0 && <Welcome />}
        {overview.data && overview.data.datasets > 0 && <Dashboard overview={overview.data} />}
      </Suspense>
    </Container>
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
