/** Reads of checks, incidents, what a failure reaches, and figures over time. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import type { paths } from "./schema";

type ChecksQuery = NonNullable<paths["/api/v1/quality"]["get"]["parameters"]["query"]>;
type IncidentsQuery = NonNullable<paths["/api/v1/quality/incidents"]["get"]["parameters"]["query"]>;
type SeriesQuery = NonNullable<paths["/api/v1/metrics/series"]["get"]["parameters"]["query"]>;

const QUALITY = ["quality"] as const;
export const QUALITY_KEY = QUALITY;
export const INCIDENTS_KEY = [...QUALITY, "incidents"] as const;

export const checkPagesQuery = (query: ChecksQuery) =>
  infiniteQueryOptions({
    queryKey: [...QUALITY, "checks", query],
    queryFn: ({ signal, pageParam }) => {
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      return bodyOf(api.GET("/api/v1/quality", { params: { query: { ...query, ...cursor } }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const checkQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: [...QUALITY, "check", id, days],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/quality/checks/{check_id}", { params: { path: { check_id: id }, query: { days } }, signal }),
      ),
  });

export const datasetQualityQuery = (namespace: string, name: string, days: number) =>
  queryOptions({
    queryKey: [...QUALITY, "dataset", namespace, name, days],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/quality/dataset", { params: { query: { namespace, name, days } }, signal })),
  });

export const blastQuery = (namespace: string, name: string, field: string | null) =>
  queryOptions({
    queryKey: [...QUALITY, "blast", namespace, name, field],
    queryFn: ({ signal }) => {
      const query = { namespace, name, ...(field === null ? {} : { field }) };
      return bodyOf(api.GET("/api/v1/quality/blast", { params: { query }, signal }));
    },
  });

export const incidentPagesQuery = (query: IncidentsQuery) =>
  infiniteQueryOptions({
    queryKey: [...INCIDENTS_KEY, query],
    queryFn: ({ signal, pageParam }) => {
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      return bodyOf(api.GET("/api/v1/quality/incidents", { params: { query: { ...query, ...cursor } }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const seriesQuery = (query: SeriesQuery) =>
  queryOptions({
    queryKey: ["series", query],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/metrics/series", { params: { query }, signal })),
  });
