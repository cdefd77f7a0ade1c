import type { ScopeReach } from "../api/types";

/** A scope in words. */
export function reachWords({ namespaces, datasets, domains, ceiling }: ScopeReach): string {
  const parts = [
    namespaces && `namespaces ${namespaces.join(", ")}`,
    datasets && `assets ${datasets.join(", ")}`,
    domains && `domains ${domains.join(", ")}`,
    ceiling && `up to ${ceiling}`,
  ].filter(Boolean);
  return parts.length === 0 ? "everything" : parts.join("; ");
}
