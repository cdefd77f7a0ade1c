/** Nested fields have dotted names; here they stand below the field that holds them. */

interface Named {
  name: string;
}

export interface Branch<T> {
  field: T;
  /** Its name without those of the fields round it. */
  label: string;
  depth: number;
  /** Names of the fields round it, the outermost first. */
  outer: string[];
  hasInner: boolean;
}

/** Fields in their order, each inner one after the outer; a dot in a name that no other field begins stays in it. */
export function branchesOf<T extends Named>(fields: readonly T[]): Branch<T>[] {
  const names = new Set(fields.map((field) => field.name));
  const holders = new Set(fields.flatMap((field) => outerOf(field.name, names).slice(-1)));
  return fields.map((field) => {
    const outer = outerOf(field.name, names);
    const nearest = outer.at(-1);
    const label = nearest === undefined ? field.name : field.name.slice(nearest.length + 1);
    return { field, label, depth: outer.length, outer, hasInner: holders.has(field.name) };
  });
}

function outerOf(name: string, names: ReadonlySet<string>): string[] {
  const outer: string[] = [];
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const before = name.slice(0, dot);
    if (names.has(before)) outer.push(before);
  }
  return outer;
}

/** Those that no closed field hides. */
export function visibleBranches<T extends Named>(
  branches: readonly Branch<T>[],
  closed: ReadonlySet<string>,
): Branch<T>[] {
  return branches.filter(({ outer }) => !outer.some((name) => closed.has(name)));
}
