import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyDay } from "../src/charts/days";
import { areaOf, lineOf, nearest, placesOf, pointsOf, shareOf } from "../src/charts/shape";
import { formatHour } from "../src/ui/format";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const points = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 1_000_000 }), value: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
  { minLength: 1, maxLength: 40 },
);

describe("a figure over time", () => {
  it("is read from the answer, and a share where both parts are told", () => {
    const answer = {
      complete: true,
      series: [
        { metric: "checks_failing" as const, points: [{ at: at(1), value: 1 }] },
        {
          metric: "checks" as const,
          points: [
            { at: at(0), value: 4 },
            { at: at(1), value: 4 },
          ],
        },
        { metric: "fields" as const, points: [{ at: at(1), value: 0 }] },
      ],
    };
    expect(shareOf(pointsOf(answer, "checks_failing"), pointsOf(answer, "checks"))).toEqual([
      { at: Date.parse(at(1)), value: 25 },
    ]);
    expect(shareOf(pointsOf(answer, "checks_failing"), pointsOf(answer, "fields"))).toEqual([]);
    expect(pointsOf(answer, "assets")).toEqual([]);
  });

  it("stays within its box, higher for more", () => {
    fc.assert(
      fc.property(points, (some) => {
        const sorted = [...some].sort((a, b) => a.at - b.at);
        for (const { x, y } of placesOf(sorted, 240, 40)) {
          expect(x >= 0 && x <= 240.0001 && y >= -0.0001 && y <= 40.0001).toBe(true);
        }
      }),
    );
    expect(
      lineOf(
        [
          { at: 0, value: 50 },
          { at: 10, value: 100 },
        ],
        100,
        40,
        100,
      ),
    ).toBe("M0 20L100 0");
    expect(
      areaOf(
        [
          { at: 0, value: 1 },
          { at: 10, value: 1 },
        ],
        100,
        40,
      ),
    ).toBe("M0 0L100 0L100 40L0 40Z");
    expect(areaOf([], 100, 40)).toBe("");
  });

  it("tells the point that is nearest", () => {
    const some = [0, 10, 100].map((moment) => ({ at: moment, value: moment }));
    expect([nearest(some, 0.04)?.at, nearest(some, 0.3)?.at, nearest([], 0.5)]).toEqual([0, 10, null]);
  });
});

describe("the first sample", () => {
  it("is of an hour, not of its first minute", () => {
    expect(formatHour("2026-11-30T16:00:00Z")).toBe("Nov 30, 16–17 h UTC");
  });
});

describe("results by day", () => {
  it("have every day, also those without a run", () => {
    const told = [{ day: "2026-01-02", passed: 1, failed: 2 }];
    const days = everyDay(told, 3, { passed: 0, failed: 0 }, Date.parse("2026-01-03T12:00:00Z"));
    expect(days.map(({ day, failed }) => [day, failed])).toEqual([
      ["2026-01-01", 0],
      ["2026-01-02", 2],
      ["2026-01-03", 0],
    ]);
  });
});
