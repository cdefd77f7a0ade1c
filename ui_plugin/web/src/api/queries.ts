/** Every read of the API: its key in the cache and how often it is asked again. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, rememberSession } from "./client";
import type { paths } from "./schema";

const LIVE_MS = 5_000;

export type DatasetQuery = NonNullable<paths["/api/v1/datasets"]["get"]["parameters"]["query"]>;
export type HistoryQuery = paths["/api/v1/lineage/history"]["get"]["parameters"]["query"];
export type DiffQuery = paths["/api/v1/lineage/diff"]["get"]["parameters"]["query"];
export type GraphQuery = paths["/api/v1/lineage/graph"]["get"]["parameters"]["query"];

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    const session = await bodyOf(api.GET("/api/v1/session"));
    rememberSession(session);
    return session;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const signInWaysQuery = queryOptions({
  queryKey: ["session", "ways"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/session/ways", { signal })),
});

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/overview", { signal })),
  refetchInterval: LIVE_MS,
});

export const datasetsQuery = (query: DatasetQuery) =>
  queryOptions({
    queryKey: ["datasets", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/datasets", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

const RECENT = 8;
const RECENT_MS = 30_000;

export const recentChangesQuery = queryOptions({
  queryKey: ["datasets", "recent"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/datasets/recent", { params: { query: { limit: RECENT } }, signal })),
  refetchInterval: RECENT_MS,
});

export const datasetQuery = (namespace: string, name: string) =>
  queryOptions({
    queryKey: ["dataset", namespace, name],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/datasets/one", { params: { query: { namespace, name } }, signal })),
  });

export const graphQuery = (query: GraphQuery) =>
  queryOptions({
    queryKey: ["graph", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/lineage/graph", { params: { query }, signal })),
  });

export const historyQuery = (query: HistoryQuery) =>
  queryOptions({
    queryKey: ["history", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/lineage/history", { params: { query }, signal })),
  });

/** How far back history is kept. */
export const keptQuery = () =>
  queryOptions({
    queryKey: ["kept"],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/lineage/kept", { signal })),
  });

/** A history page by page, newest changes first. */
export const historyPagesQuery = (query: HistoryQuery) =>
  infiniteQueryOptions({
    queryKey: ["history", "pages", query],
    queryFn: ({ signal, pageParam }) =>
      bodyOf(
        api.GET("/api/v1/lineage/history", {
          params: { query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });

export const diffQuery = (query: DiffQuery) =>
  queryOptions({
    queryKey: ["diff", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/lineage/diff", { params: { query }, signal })),
  });

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/connectors", { signal })),
});

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/sources", { signal })),
  refetchInterval: LIVE_MS,
});

export const deadLettersQuery = queryOptions({
  queryKey: ["dead-letters"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/dead-letters", { signal })),
});

/** Harvests that were started from here, the newest first; for who may harvest. */
export const harvestsQuery = queryOptions({
  queryKey: ["sources", "harvests"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/harvests", { signal })),
  refetchInterval: LIVE_MS,
});

export const discardedQuery = queryOptions({
  queryKey: ["dead-letters", "discarded"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/dead-letters/discarded", { signal })),
});

export const harvestQuery = (id: string) =>
  queryOptions({
    queryKey: ["harvest", id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/harvests/{harvest_id}", { params: { path: { harvest_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1_000 : false),
  });
