import { Button, Menu, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../api/client";
import { FOLLOWING_KEY, followingQuery } from "../api/following";
import { toProblem } from "../api/problem";

interface Props {
  namespace: string;
  name: string;
}

/** Follow an asset, alone or with all that it comes from; what happens in it is on the home page and can be delivered. */
export function FollowMenu({ namespace, name }: Props) {
  const client = useQueryClient();
  const own = useQuery(followingQuery).data?.find((one) => one.namespace === namespace && one.name === name);
  const onSuccess = () => client.invalidateQueries({ queryKey: FOLLOWING_KEY });
  const follow = useMutation({
    mutationFn: (upstream: boolean) =>
      bodyOf(api.POST("/api/v1/subscriptions", { body: { namespace, name, upstream } })),
    onSuccess,
  });
  const end = useMutation({
    mutationFn: (id: string) =>
      api.DELETE("/api/v1/subscriptions/{subscription_id}", { params: { path: { subscription_id: id } } }),
    onSuccess,
  });
  const error = follow.error ?? end.error;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant={own ? "light" : "default"} loading={follow.isPending || end.isPending}>
          {own ? "Following" : "Follow"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Schema, lineage and incidents</Menu.Label>
        <Menu.Item aria-current={own?.upstream === false} onClick={() => follow.mutate(false)}>
          Of this asset {own?.upstream === false && "✓"}
        </Menu.Item>
        <Menu.Item aria-current={own?.upstream === true} onClick={() => follow.mutate(true)}>
          And of all it comes from {own?.upstream === true && "✓"}
        </Menu.Item>
        {own && <Menu.Item onClick={() => end.mutate(own.id)}>Follow no more</Menu.Item>}
        {error && (
          <Text size="sm" role="alert" px="sm">
            {toProblem(error).detail}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
