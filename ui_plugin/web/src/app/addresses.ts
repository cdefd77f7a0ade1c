/** Addresses of pages within the UI. */
import { blankChange, writeAsked } from "../impact/changes";
import type { AssetRef } from "../lineage/assetRef";
import { startAt, writeState } from "../lineage/explorerState";

export function assetAddress(namespace: string, name: string, tab?: string): string {
  const params = new URLSearchParams({ namespace, name, ...(tab ? { tab } : {}) });
  return `/asset?${params}`;
}

export function lineageAddress(root: AssetRef, field: string | null = null): string {
  return `/lineage?${writeState({ ...startAt(root), field })}`;
}

export function catalogueAddress(filter: Record<string, string> = {}): string {
  const params = new URLSearchParams(filter);
  return params.size > 0 ? `/catalogue?${params}` : "/catalogue";
}

/** What breaks if the asset, or one of its columns, goes: where most questions start. */
export function impactAddress({ namespace, name }: { namespace: string; name: string }, field: string | null = null) {
  const change = {
    ...blankChange(field === null ? "drop_dataset" : "drop_field"),
    namespace,
    name,
    field: field ?? "",
  };
  return `/impact?${writeAsked([change])}`;
}

const GRAPH_DEPTH = 5;

/** The graph of what an asset or one of its columns reaches, coloured by distance. */
export function impactGraphAddress(root: AssetRef, field: string | null = null): string {
  return `/lineage?${writeState({ ...startAt(root), field, direction: "downstream", depth: GRAPH_DEPTH, overlay: "impact" })}`;
}

export function qualityAddress(shown: Record<string, string> = {}): string {
  const params = new URLSearchParams(shown);
  return params.size > 0 ? `/quality?${params}` : "/quality";
}
