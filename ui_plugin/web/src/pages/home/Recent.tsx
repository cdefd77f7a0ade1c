import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { recentChangesQuery } from "../../api/queries";
import { assetAddress } from "../../app/addresses";
import { formatAgo } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import classes from "./HomePage.module.css";

/** Assets whose columns, lineage or being there changed last. */
export function Recent() {
  const found = useQuery(recentChangesQuery);
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Recently changed
      </Title>
      {found.isPending && <Skeleton h={180} />}
      {found.isError && !found.data && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      {found.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing yet of what you see.
        </Text>
      )}
      <Stack gap={6}>
        {found.data?.map((dataset) => (
          <Group key={dataset.id} justify="space-between" wrap="nowrap" gap="sm">
            <Anchor component={Link} to={assetAddress(dataset.namespace, dataset.name, "history")} size="sm" truncate>
              {dataset.name}
            </Anchor>
            <Text size="xs" c="dimmed" className={classes.ago ?? ""}>
              {formatAgo(dataset.changed_at)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
