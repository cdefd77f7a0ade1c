/** Reports as files. */
import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./client";
import type { paths } from "./schema";

export type ReportQuery = NonNullable<paths["/api/v1/reports/{kind}"]["get"]["parameters"]["query"]>;
export type ReportKind = paths["/api/v1/reports/{kind}"]["get"]["parameters"]["path"]["kind"];
export type LineageQuery = paths["/api/v1/reports/lineage"]["get"]["parameters"]["query"];

export async function makeReport(kind: ReportKind, query: ReportQuery, signal: AbortSignal): Promise<Blob> {
  return blobOf(
    await api.GET("/api/v1/reports/{kind}", { params: { path: { kind }, query }, parseAs: "blob", signal }),
  );
}

export async function makeLineageReport(query: LineageQuery, signal: AbortSignal): Promise<Blob> {
  return blobOf(await api.GET("/api/v1/reports/lineage", { params: { query }, parseAs: "blob", signal }));
}

/** The document states no body for these answers, whose form is chosen. */
function blobOf({ data }: { data?: unknown }): Blob {
  return data as Blob;
}

export const activitiesQuery = queryOptions({
  queryKey: ["processing-activities"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/processing-activities", { signal })),
});
