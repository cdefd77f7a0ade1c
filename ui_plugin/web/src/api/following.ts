/** What the reader follows, and what happened in it. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

export const FOLLOWING_KEY = ["following"] as const;
const DAY_MS = 86_400_000;

export const followingQuery = queryOptions({
  queryKey: [...FOLLOWING_KEY, "list"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/subscriptions", { signal })),
});

/** What happened in the last days, counted from midnight (UTC), the newest first. */
export const followedChangesQuery = (days: number) => {
  const since = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS).toISOString();
  return queryOptions({
    queryKey: [...FOLLOWING_KEY, "changes", since],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/subscriptions/changes", { params: { query: { since, limit: 100 } }, signal })),
  });
};
