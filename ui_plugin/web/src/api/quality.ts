/** Reads of checks. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";

const QUALITY = ["quality"] as const;

export const datasetQualityQuery = (namespace: string, name: string, days: number) =>
  queryOptions({
    queryKey: [...QUALITY, "dataset", namespace, name, days],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/quality/dataset", { params: { query: { namespace, name, days } }, signal })),
  });
