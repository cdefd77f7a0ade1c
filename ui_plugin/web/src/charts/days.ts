/** Figures by day, with the days of which nothing is told. */

const DAY_MS = 86_400_000;

/** The last days (UTC), the earliest first; `nothing` stands for those that are not told. */
export function everyDay<Figures extends object>(
  told: readonly (Figures & { day: string })[],
  count: number,
  nothing: Figures,
  now = Date.now(),
): (Figures & { day: string })[] {
  const known = new Map(told.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { ...nothing, day };
  });
}
