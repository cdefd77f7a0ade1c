/** Reads of what is curated, classified, decided, asked for and recorded. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import type { paths } from "./schema";

export type CuratedQuery = paths["/api/v1/curated/facet"]["get"]["parameters"]["query"];
export type AuditQuery = NonNullable<paths["/api/v1/audit"]["get"]["parameters"]["query"]>;
type RequestsQuery = NonNullable<paths["/api/v1/requests"]["get"]["parameters"]["query"]>;

const GROUPS = {
  curated: ["curated"],
  queue: ["queue"],
  policies: ["policies"],
  requests: ["requests"],
  holds: ["holds"],
} as const;
export const KEYS = GROUPS;

export const facetQuery = (query: CuratedQuery) =>
  queryOptions({
    queryKey: [...GROUPS.curated, "facet", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/curated/facet", { params: { query }, signal })),
    staleTime: 0,
  });

export const facetHistoryQuery = (query: CuratedQuery) =>
  queryOptions({
    queryKey: [...GROUPS.curated, "history", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/curated/history", { params: { query }, signal })),
  });

export const holdsQuery = queryOptions({
  queryKey: GROUPS.holds,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/holds", { signal })),
});

export const domainsQuery = queryOptions({
  queryKey: [...GROUPS.curated, "domains"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/domains", { params: { query: { limit: 500 } }, signal })),
});

export const whyQuery = (namespace: string, name: string) =>
  queryOptions({
    queryKey: ["why", namespace, name],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/access/why", { params: { query: { namespace, name } }, signal })),
  });

export const explainQuery = (namespace: string, column: string) =>
  queryOptions({
    queryKey: [...GROUPS.policies, "explain", namespace, column],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/policies/explain", { params: { query: { namespace, column } }, signal })),
  });

export const fieldClassQuery = (namespace: string, name: string, field: string) =>
  queryOptions({
    queryKey: [...GROUPS.queue, "field", namespace, name, field],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/classifications/field", { params: { query: { namespace, name, field } }, signal })),
  });

export const usageQuery = (namespace: string, name: string, days: number) =>
  queryOptions({
    queryKey: ["usage", namespace, name, days],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/datasets/usage", { params: { query: { namespace, name, days } }, signal })),
  });

export const loweringsQuery = queryOptions({
  queryKey: [...GROUPS.queue, "lowerings"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/classifications/lowerings", { signal })),
});

export const proposalsQuery = queryOptions({
  queryKey: [...GROUPS.queue, "proposals"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/classifications/proposals", { signal })),
});

export const taggedQuery = queryOptions({
  queryKey: [...GROUPS.queue, "tagged"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/classifications/tagged", { signal })),
});

export const policyVersionsQuery = queryOptions({
  queryKey: [...GROUPS.policies, "versions"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/policies/versions", { signal })),
});

/** A version's document as YAML; null: the one in force. */
export const policyTextQuery = (version: number | null) =>
  queryOptions({
    queryKey: [...GROUPS.policies, "text", version],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/policies/text", { params: { query: version === null ? {} : { version } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/roles", { signal })),
});

export const bindingsQuery = queryOptions({
  queryKey: ["roles", "bindings"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/roles/bindings", { signal })),
});

export const requestsQuery = (query: RequestsQuery) =>
  queryOptions({
    queryKey: [...GROUPS.requests, query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/requests", { params: { query }, signal })),
  });

export const recertificationsQuery = queryOptions({
  queryKey: ["recertifications"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/recertifications", { signal })),
});

export const auditPagesQuery = (query: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ["audit", query],
    queryFn: ({ signal, pageParam }) => {
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      return bodyOf(api.GET("/api/v1/audit", { params: { query: { ...query, ...cursor } }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
