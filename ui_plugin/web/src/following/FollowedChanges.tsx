import { Anchor, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { followedChangesQuery } from "../api/following";
import { assetAddress } from "../app/addresses";
import { splitName } from "../graph/model";
import { formatAgo, formatTime } from "../ui/format";
import { ProblemNotice } from "../ui/Notice";

/** What happened in what the reader follows, the newest first. */
export function FollowedChanges({ days, most }: { days: number; most: number }) {
  const found = useQuery(followedChangesQuery(days));
  if (found.isPending) return <Skeleton h={80} />;
  if (found.isError) return <ProblemNotice error={found.error} onRetry={found.refetch} />;
  if (found.data.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing happened in what you follow in {days} days.
      </Text>
    );
  }
  return (
    <Stack gap={6}>
      {found.data.slice(0, most).map(({ at, asset, subscribed, what }) => (
        <div key={`${at} ${asset.namespace} ${asset.name} ${subscribed.name} ${what}`}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            <Anchor component={Link} to={assetAddress(asset.namespace, asset.name, "history")} size="sm" td="underline">
              {splitName(asset.name).title}
            </Anchor>{" "}
            {what}
          </Text>
          <Text size="xs" c="dimmed" title={formatTime(at)}>
            {formatAgo(at)}
            {asset.name !== subscribed.name && `, upstream of ${subscribed.name}`}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
