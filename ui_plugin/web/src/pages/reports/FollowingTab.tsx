import { Anchor, Badge, Button, Group, Paper, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { api } from "../../api/client";
import { FOLLOWING_KEY, followingQuery } from "../../api/following";
import { toProblem } from "../../api/problem";
import type { Subscription } from "../../api/types";
import { assetAddress } from "../../app/addresses";
import { FollowedChanges } from "../../following/FollowedChanges";
import { formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import classes from "./ReportsPage.module.css";

const MOST_CHANGES = 100;

/** What the reader follows, and what happened in it. */
export function FollowingTab() {
  const following = useQuery(followingQuery);
  const [days, setDays] = useState("7");
  if (following.isPending) return <Skeleton h={200} />;
  if (following.isError) return <ProblemNotice error={following.error} onRetry={following.refetch} />;
  if (following.data.length === 0) {
    return (
      <EmptyState
        title="You follow nothing yet"
        action={
          <Button component={Link} to="/catalogue" variant="default">
            Find an asset
          </Button>
        }
      >
        "Follow" on an asset's page brings changes of its schema and lineage and its incidents here and to the home
        page, with all that it comes from if you want.
      </EmptyState>
    );
  }
  return (
    <div className={classes.columns}>
      <Paper withBorder p="md">
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h5">
            What happened
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="How many days"
            value={days}
            onChange={setDays}
            data={["1", "7", "30"].map((value) => ({ value, label: value === "1" ? "1 day" : `${value} days` }))}
          />
        </Group>
        <FollowedChanges days={Number(days)} most={MOST_CHANGES} />
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="sm">
          You follow
        </Title>
        <Stack gap="sm">
          {following.data.map((one) => (
            <Followed key={one.id} subscription={one} />
          ))}
        </Stack>
      </Paper>
    </div>
  );
}

function Followed({ subscription: { id, namespace, name, upstream, created_at } }: { subscription: Subscription }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/subscriptions/{subscription_id}", { params: { path: { subscription_id: id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: FOLLOWING_KEY }),
  });
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Anchor component={Link} to={assetAddress(namespace, name)} size="sm" style={{ overflowWrap: "anywhere" }}>
          {name}
        </Anchor>{" "}
        {upstream && (
          <Badge size="sm" variant="default" tt="none">
            with upstream
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          since {formatTime(created_at)}
        </Text>
        {end.error && (
          <Text size="xs" role="alert">
            {toProblem(end.error).detail}
          </Text>
        )}
      </div>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        loading={end.isPending}
        aria-label={`End following ${name}`}
        onClick={() => end.mutate()}
      >
        End
      </Button>
    </Group>
  );
}
