import { Anchor, Badge, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { sourcesQuery } from "../../api/queries";
import type { SourceSummary } from "../../api/types";
import { formatAgo } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import { PlatformBadge } from "../../ui/PlatformBadge";
import classes from "./HomePage.module.css";

const MOST = 6;

/** Sources with their last harvest, the troubled ones first. */
export function Harvests() {
  const found = useQuery(sourcesQuery);
  const sources = [...(found.data ?? [])].sort(
    (a, b) => rank(a) - rank(b) || (a.last_harvest_at ?? "").localeCompare(b.last_harvest_at ?? ""),
  );
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Harvests
      </Title>
      {found.isPending && <Skeleton h={60} />}
      {found.isError && !found.data && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      {found.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          No source is harvested: what is known came with events.
        </Text>
      )}
      <Stack gap={8}>
        {sources.slice(0, MOST).map((source) => (
          <Group key={source.source} justify="space-between" wrap="nowrap" gap="xs">
            <div style={{ minWidth: 0 }}>
              <PlatformBadge platform={source.kind} />
              <Text size="xs" c="dimmed" truncate title={source.source}>
                {source.source}
              </Text>
            </div>
            {rank(source) === 0 ? (
              <Badge variant="light" color="red" tt="none">
                {source.last_state}
              </Badge>
            ) : (
              <Text size="xs" c="dimmed" className={classes.ago ?? ""}>
                {formatAgo(source.last_harvest_at)}
              </Text>
            )}
          </Group>
        ))}
      </Stack>
      {sources.length > 0 && (
        <Anchor component={Link} to="/sources" size="sm" mt="sm" display="block">
          All sources
        </Anchor>
      )}
    </Paper>
  );
}

function rank({ last_state }: SourceSummary): number {
  return last_state === "failed" ? 0 : 1;
}
