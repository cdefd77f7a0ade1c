import { Anchor, Badge, Button, Container, Group, Skeleton, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, useSearchParams } from "react-router-dom";
import { hasStatus } from "../../api/problem";
import { datasetQuery } from "../../api/queries";
import type { DatasetDetail } from "../../api/types";
import { catalogueAddress, impactAddress, lineageAddress } from "../../app/addresses";
import { FollowMenu } from "../../following/FollowMenu";
import { splitName } from "../../graph/model";
import { kindWords } from "../../platforms/kinds";
import { ClassBadge } from "../../ui/ClassBadge";
import { CopyBlock } from "../../ui/CopyBlock";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PlatformBadge } from "../../ui/PlatformBadge";
import { PageHead } from "../PageHead";
import { AccessTab } from "./AccessTab";
import { ColumnsTab } from "./ColumnsTab";
import { HistoryTab } from "./HistoryTab";
import { JobsTab } from "./JobsTab";
import { OverviewTab } from "./OverviewTab";
import { UsageTab } from "./UsageTab";

const LineageTab = lazy(() => import("./LineageTab"));
const QualityTab = lazy(() => import("./QualityTab"));

/** Everything known of one asset. */
export default function AssetPage() {
  const [params, setParams] = useSearchParams();
  const namespace = params.get("namespace") ?? "";
  const name = params.get("name") ?? "";
  const dataset = useQuery(datasetQuery(namespace, name));
  if (dataset.isPending) {
    return (
      <Container size="lg" py="lg">
        <Skeleton h={300} />
      </Container>
    );
  }
  if (dataset.isError) return <NoAsset error={dataset.error} name={name} onRetry={dataset.refetch} />;
  const showTab = (tab: string | null) => setParams({ namespace, name, ...(tab ? { tab } : {}) }, { replace: true });
  return (
    <Container size="lg" py="lg">
      <AssetHead dataset={dataset.data} />
      <AssetTabs dataset={dataset.data} tab={params.get("tab") ?? "overview"} onTab={showTab} />
    </Container>
  );
}

function AssetHead({ dataset }: { dataset: DatasetDetail }) {
  const root = { kind: "dataset" as const, namespace: dataset.namespace, name: dataset.name };
  const { title, prefix } = splitName(dataset.name, dataset.kind);
  return (
    <PageHead
      title={title}
      action={
        <Group gap="xs">
          <FollowMenu namespace={dataset.namespace} name={dataset.name} />
          <Button component={Link} to={impactAddress(root)} variant="default">
            What breaks if…
          </Button>
          <Button component={Link} to={lineageAddress(root)}>
            Explore lineage
          </Button>
        </Group>
      }
    >
      <Group gap="xs">
        <PlatformBadge platform={dataset.platform} />
        <Text span size="sm">
          {[dataset.namespace, prefix, kindWords(dataset.kind)].filter(Boolean).join(" · ")}
        </Text>
        <ClassBadge classification={dataset.classification} />
        {dataset.tags.map((tag) => (
          <Badge
            key={tag}
            variant="default"
            tt="none"
            component={Link}
            to={catalogueAddress({ tag })}
            style={{ cursor: "pointer" }}
          >
            {tag}
          </Badge>
        ))}
      </Group>
    </PageHead>
  );
}

interface TabsProps {
  dataset: DatasetDetail;
  tab: string;
  onTab: (tab: string | null) => void;
}

function AssetTabs({ dataset, tab, onTab }: TabsProps) {
  return (
    <Tabs value={tab} onChange={onTab} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        <Tabs.Tab value="columns">Columns ({dataset.fields.length})</Tabs.Tab>
        <Tabs.Tab value="lineage">Lineage</Tabs.Tab>
        <Tabs.Tab value="jobs">Jobs ({dataset.jobs.length})</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
        <Tabs.Tab value="quality">Quality</Tabs.Tab>
        <Tabs.Tab value="usage">Usage</Tabs.Tab>
        <Tabs.Tab value="access">Access</Tabs.Tab>
        <Tabs.Tab value="facets">Facets</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview">
        <OverviewTab dataset={dataset} />
      </Tabs.Panel>
      <Tabs.Panel value="columns">
        <ColumnsTab dataset={dataset} />
      </Tabs.Panel>
      <Tabs.Panel value="lineage">
        <Suspense fallback={<Skeleton h={480} />}>
          <LineageTab dataset={dataset} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="jobs">
        <JobsTab jobs={dataset.jobs} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <HistoryTab dataset={dataset} />
      </Tabs.Panel>
      <Tabs.Panel value="quality">
        <Suspense fallback={<Skeleton h={240} />}>
          <QualityTab dataset={dataset} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="usage">
        <UsageTab dataset={dataset} />
      </Tabs.Panel>
      <Tabs.Panel value="access">
        <AccessTab dataset={dataset} />
      </Tabs.Panel>
      <Tabs.Panel value="facets">
        <CopyBlock text={JSON.stringify(dataset.facets, null, 2)} label="Facets as they came" />
      </Tabs.Panel>
    </Tabs>
  );
}

function NoAsset({ error, name, onRetry }: { error: Error; name: string; onRetry: () => void }) {
  if (!hasStatus(error, 404)) return <ProblemNotice error={error} onRetry={onRetry} />;
  return (
    <EmptyState
      title={`${name || "This asset"} is not known here`}
      action={
        <Anchor component={Link} to={catalogueAddress({ q: name })}>
          Search for it
        </Anchor>
      }
    >
      It may never have been harvested, have another name, or be hidden from you.
    </EmptyState>
  );
}
