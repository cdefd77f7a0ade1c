import { Anchor, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { followingQuery } from "../../api/following";
import { datasetsQuery, sessionQuery } from "../../api/queries";
import { assetAddress, catalogueAddress } from "../../app/addresses";
import { FollowedChanges } from "../../following/FollowedChanges";
import { formatNumber, plural } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";

const MOST_OWNED = 6;
const DAYS = 7;
const MOST_CHANGES = 6;

/** What the reader owns, and what happened in what they follow. */
export function MyAssets() {
  const me = useQuery(sessionQuery).data?.name ?? "";
  const owned = useQuery({ ...datasetsQuery({ owner: [me], limit: MOST_OWNED }), enabled: me !== "" });
  const following = useQuery(followingQuery);
  const followed = following.data?.length ?? 0;
  return (
    <Paper withBorder p="md" component="section" aria-label="My assets">
      <Title order={2} size="h5" mb="sm">
        My assets
      </Title>
      <InOrder gap={0}>
        {(owned.isPending || following.isPending) && <Skeleton h={60} />}
        {owned.data && owned.data.total > 0 && (
          <Stack gap={4} mb="md">
            {owned.data.items.map(({ id, namespace, name }) => (
              <Anchor key={id} component={Link} to={assetAddress(namespace, name)} size="sm" truncate>
                {name}
              </Anchor>
            ))}
            {owned.data.total > MOST_OWNED && (
              <Anchor component={Link} to={catalogueAddress({ owner: me })} size="sm">
                All {formatNumber(owned.data.total)} that I own
              </Anchor>
            )}
          </Stack>
        )}
        {following.isSuccess && followed === 0 && (
          <Text size="sm" c="dimmed">
            You follow no asset. "Follow" on an asset's page brings its changes and incidents here.
          </Text>
        )}
        {followed > 0 && (
          <>
            <Text size="xs" c="dimmed" mb={6}>
              <Anchor component={Link} to="/reports?tab=following" size="xs" td="underline">
                {plural(followed, "asset")} followed
              </Anchor>
              , {DAYS} days
            </Text>
            <FollowedChanges days={DAYS} most={MOST_CHANGES} />
          </>
        )}
      </InOrder>
    </Paper>
  );
}
