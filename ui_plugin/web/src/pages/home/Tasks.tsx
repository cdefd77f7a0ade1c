import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { loweringsQuery, policyVersionsQuery, recertificationsQuery, requestsQuery } from "../../api/governance";
import { incidentPagesQuery } from "../../api/quality";
import { sessionQuery } from "../../api/queries";
import { usePermission } from "../../api/usePermission";
import { type Task, tasksOf } from "./waitingTasks";

/** What waits for the reader: incidents, requests, roles to confirm, policies and classes to decide. */
export function Tasks() {
  const tasks = useTasks();
  return (
    <Paper withBorder p="md" component="section" aria-label="Waiting for you">
      <Title order={2} size="h5" mb="sm">
        Waiting for you
      </Title>
      {tasks === null && <Skeleton h={60} />}
      {tasks?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing. Incidents that you take, requests that you may decide and roles to confirm stand here.
        </Text>
      )}
      <Stack gap={8}>
        {tasks?.map(({ key, words, note, to }) => (
          <Group key={key} gap="xs" wrap="nowrap" justify="space-between">
            <Anchor component={Link} to={to} size="sm" style={{ overflowWrap: "anywhere" }}>
              {words}
            </Anchor>
            <Text size="xs" c="dimmed" truncate maw="45%" title={note}>
              {note}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

/** All of them; null until the first two kinds are read. */
function useTasks(): Task[] | null {
  const me = useQuery(sessionQuery).data?.name ?? "";
  const mayGovern = usePermission("govern");
  const mayCurate = usePermission("curate");
  const mayAdmin = usePermission("admin");
  const requests = useQuery(requestsQuery({ state: "pending" }));
  const incidents = useInfiniteQuery(incidentPagesQuery({ state: "unresolved", limit: 200 }));
  const recertifications = useQuery({ ...recertificationsQuery, enabled: mayAdmin });
  const versions = useQuery({ ...policyVersionsQuery, enabled: mayGovern });
  const lowerings = useQuery({ ...loweringsQuery, enabled: mayGovern });
  if (requests.isPending || incidents.isPending) return null;
  const waiting = {
    requests: requests.data?.items ?? [],
    incidents: incidents.data?.pages.flatMap((page) => page.items) ?? [],
    mayCurate,
    recertifications: recertifications.data ?? [],
    loweringCount: lowerings.data?.items.length ?? 0,
    proposedPolicies: versions.data?.filter(({ state }) => state === "proposed").length ?? 0,
  };
  return tasksOf(waiting, me);
}
