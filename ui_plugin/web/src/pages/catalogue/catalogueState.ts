/** The catalogue's search, which lies in the URL. */

export const FACETS = [
  "platform",
  "kind",
  "domain",
  "owner",
  "tag",
  "classification",
  "certification",
  "quality",
  "term",
] as const;
export type FacetName = (typeof FACETS)[number];

export interface CatalogueState {
  q: string;
  filters: Partial<Record<FacetName, string[]>>;
}

export function readCatalogue(params: URLSearchParams): CatalogueState {
  const filters: CatalogueState["filters"] = {};
  for (const facet of FACETS) {
    const values = params.getAll(facet).filter((value) => value !== "");
    if (values.length > 0) filters[facet] = [...new Set(values)];
  }
  return { q: params.get("q") ?? "", filters };
}

export function writeCatalogue({ q, filters }: CatalogueState): URLSearchParams {
  const chosen = FACETS.flatMap((facet) => (filters[facet] ?? []).map((value) => [facet, value]));
  return new URLSearchParams([...(q ? [["q", q]] : []), ...chosen]);
}

/** Choose a facet's value beside those that are chosen, of which any will do, or let it go where it was chosen. */
export function toggleFilter(state: CatalogueState, facet: FacetName, value: string): CatalogueState {
  const { [facet]: current = [], ...others } = state.filters;
  const next = current.includes(value) ? current.filter((other) => other !== value) : [...current, value];
  return { ...state, filters: next.length > 0 ? { ...others, [facet]: next } : others };
}
