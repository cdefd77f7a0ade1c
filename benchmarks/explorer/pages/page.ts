/** What each page offers to who measures it. */
export interface Graph {
  tables: { id: string; columns: string[] }[];
  /** Source table, its column, target table, its column. */
  links: [string, string, string, string][];
}

export interface Placed {
  [id: string]: { x: number; y: number; height: number };
}

export interface Page {
  /** Show the graph; answers once it is painted. Milliseconds; `layout` is 0 where the places were given. */
  open(graph: Graph, places: Placed | null): Promise<{ layout: number; paint: number; places: Placed }>;
  /** See everything, or cards close up in the middle. */
  look(how: "overview" | "detail"): void;
  panBy(dx: number, dy: number): void;
  zoomBy(factor: number): void;
  /** Highlight all that a table touches. */
  select(id: string): void;
}

export function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

/** Each joined pair of tables once. */
export function pairsOf(graph: Graph): [string, string][] {
  const pairs = new Map(graph.links.map(([source, , target]) => [`${source} ${target}`, [source, target] as [string, string]]));
  return [...pairs.values()];
}

/** All tables upstream and downstream of one, itself among them. */
export function touchedBy(graph: Graph, id: string): Set<string> {
  const [after, before] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const [source, target] of pairsOf(graph)) {
    after.set(source, [...(after.get(source) ?? []), target]);
    before.set(target, [...(before.get(target) ?? []), source]);
  }
  const reach = (next: Map<string, string[]>) => {
    const seen = new Set([id]);
    for (const at of seen) for (const other of next.get(at) ?? []) seen.add(other);
    return seen;
  };
  return new Set([...reach(after), ...reach(before)]);
}

declare global {
  interface Window {
    measured: Page;
    eachFrame(count: number, each: (frame: number) => void): Promise<number>;
    highlight(id: string): Promise<number>;
  }
}

/** Call something once a frame; answers how many milliseconds the frames took. */
window.eachFrame = (async (count: number, each: (frame: number) => void) => {
  const begun = performance.now();
  for (let frame = 0; frame < count; frame++) {
    each(frame);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return performance.now() - begun;
}) as Window["eachFrame"];

window.highlight = async (id: string) => {
  const begun = performance.now();
  window.measured.select(id);
  await painted();
  return performance.now() - begun;
};
