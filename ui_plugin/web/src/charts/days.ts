/** Results by day, with the days on which nothing ran. */
import type { QualityDay } from "../api/types";

const DAY_MS = 86_400_000;

/** The last days (UTC), the earliest first. */
export function everyDay(told: readonly QualityDay[], count: number, now = Date.now()): QualityDay[] {
  const known = new Map(told.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, passed: 0, failed: 0 };
  });
}
