/** The catalogue's search, which lies in the URL. */

export const FACETS = [
  "platform",
  "kind",
  "domain",
  "owner",
  "tag",
  "classification",
  "certification",
  "term",
] as const;
export type FacetName = (typeof FACETS)[number];

export interface CatalogueState {
  q: string;
  filters: Partial<Record<FacetName, string>>;
}

export function readCatalogue(params: URLSearchParams): CatalogueState {
  const filters: CatalogueState["filters"] = {};
  for (const facet of FACETS) {
    const value = params.get(facet);
    if (value) filters[facet] = value;
  }
  return { q: params.get("q") ?? "", filters };
}

export function writeCatalogue({ q, filters }: CatalogueState): URLSearchParams {
  return new URLSearchParams({ ...(q ? { q } : {}), ...filters });
}

/** Choose a facet's value, or let it go where it was chosen. */
export function toggleFilter(state: CatalogueState, facet: FacetName, value: string): CatalogueState {
  const { [facet]: current, ...others } = state.filters;
  return { ...state, filters: current === value ? others : { ...others, [facet]: value } };
}
