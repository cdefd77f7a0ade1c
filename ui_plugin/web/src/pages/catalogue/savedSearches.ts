/** Searches that the reader keeps under a name, in this browser. */

export interface SavedSearch {
  name: string;
  /** The catalogue's query string. */
  query: string;
}

const KEY = "nexus.saved-searches";

export function readSaved(store: Storage): SavedSearch[] {
  try {
    const found: unknown = JSON.parse(store.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter(isSaved) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** The searches with one more; one of the same name is replaced. */
export function withSaved(searches: readonly SavedSearch[], one: SavedSearch): SavedSearch[] {
  return [...searches.filter(({ name }) => name !== one.name), one].sort((a, b) => a.name.localeCompare(b.name));
}

export function writeSaved(store: Storage, searches: readonly SavedSearch[]): void {
  store.setItem(KEY, JSON.stringify(searches));
}

function isSaved(value: unknown): value is SavedSearch {
  const one = value as Partial<SavedSearch> | null;
  return typeof one?.name === "string" && typeof one.query === "string";
}
