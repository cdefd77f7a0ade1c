import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { datasetsQuery } from "../../api/queries";
import { assetAddress } from "../../app/addresses";
import { formatAgo } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import classes from "./HomePage.module.css";

const RECENT = 8;
const LIVE_MS = 30_000;

/** Assets of which something was told last. */
export function Recent() {
  const found = useQuery({ ...datasetsQuery({ limit: 100 }), refetchInterval: LIVE_MS });
  const newest = [...(found.data?.items ?? [])]
    .sort((a, b) => (b.updated_at ?? "").localeCompare(a.updated_at ?? ""))
    .slice(0, RECENT);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Recently changed
      </Title>
      {found.isPending && <Skeleton h={180} />}
      {found.isError && !found.data && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      <Stack gap={6}>
        {newest.map((dataset) => (
          <Group key={dataset.id} justify="space-between" wrap="nowrap" gap="sm">
            <Anchor component={Link} to={assetAddress(dataset.namespace, dataset.name, "history")} size="sm" truncate>
              {dataset.name}
            </Anchor>
            <Text size="xs" c="dimmed" className={classes.ago ?? ""}>
              {formatAgo(dataset.updated_at)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
