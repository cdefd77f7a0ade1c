/** Addresses of pages within the UI. */
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
