/** What changes would do, and the changes that are kept. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import type { ImpactRequest } from "./types";

const SCENARIOS = ["scenarios"] as const;
export const SCENARIOS_KEY = SCENARIOS;

/** Asked once for the same changes: what is shown stays until it is asked for again. */
export const impactQuery = (asked: ImpactRequest) =>
  queryOptions({
    queryKey: ["impact", asked],
    queryFn: ({ signal }) => bodyOf(api.POST("/api/v1/impact", { body: asked, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const scenariosQuery = queryOptions({
  queryKey: SCENARIOS,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/impact/scenarios", { params: { query: { limit: 200 } }, signal })),
});
