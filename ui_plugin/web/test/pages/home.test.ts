import { describe, expect, it } from "vitest";
import type { Incident, MetricAnswer, Overview, RequestAnswer } from "../../src/api/types";
import { figuresOf, percent } from "../../src/pages/home/dashboardFigures";
import { demoLinks, isDismissed, keepDismissed } from "../../src/pages/home/demo";
import { tasksOf } from "../../src/pages/home/waitingTasks";

const OVERVIEW: Overview = {
  ...{ accepted_events: 9, datasets: 12, dead_letters: 0, edges: 40, fields: 200, fields_with_lineage: 199, jobs: 3 },
  ...{ lag_events: 0, platforms: [] },
};

function answer(figures: Record<string, number[]>): MetricAnswer {
  const at = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString();
  const series = Object.entries(figures).map(([metric, values]) => ({
    metric: metric as MetricAnswer["series"][number]["metric"],
    points: values.map((value, index) => ({ at: at(index), value })),
  }));
  return { complete: true, series };
}

const shown = (figures: Record<string, number[]>) =>
  Object.fromEntries(
    figuresOf(OVERVIEW, answer(figures)).map(({ key, value, note, isBad }) => [key, { value, note, isBad }]),
  );

describe("the dashboard's figures", () => {
  it("tell what is known before anything was counted", () => {
    const figures = shown({});
    expect(figures.assets).toEqual({ value: "12", note: "200 columns", isBad: false });
    expect(figures.coverage).toEqual({ value: "99 %", note: "199 of 200 columns", isBad: false });
    expect([figures.adherence?.value, figures.quality?.value, figures.harvests?.value]).toEqual(["–", "–", "–"]);
  });

  it("tell growth, adherence, quality and the age of harvests", () => {
    const figures = shown({
      assets: [10, 12],
      fields_sensitive: [4, 4],
      fields_protected: [2, 3],
      checks: [10],
      checks_failing: [1],
      incidents: [1],
      harvest_age_seconds: [7200],
      harvests_partial: [0],
    });
    expect(figures.assets?.note).toBe("+2 in 30 days");
    expect(figures.adherence).toEqual({ value: "75 %", note: "3 of 4 sensitive columns", isBad: true });
    expect(figures.quality).toEqual({ value: "90 %", note: "1 failing, 1 incident", isBad: true });
    expect(figures.harvests).toMatchObject({ value: "2 h", isBad: false });
  });

  it("tell that nothing is protected", () => {
    const { adherence } = shown({ fields_sensitive: [4] });
    expect(adherence).toEqual({ value: "0 %", note: "0 of 4 sensitive columns", isBad: true });
  });

  it("are never rounded to all or nothing", () => {
    expect([0, 0.2, 50, 99.9, 100].map(percent)).toEqual(["0 %", "1 %", "50 %", "99 %", "100 %"]);
  });
});

describe("what waits for the reader", () => {
  const incident = (id: string, assignee: string | null) =>
    ({ id, assignee, state: assignee ? "assigned" : "open", title: `bad ${id}`, name: "t" }) as Incident;
  const request = (id: string, decidable: boolean) =>
    ({ id, decidable, kind: "access", account: "bo", reason: "why" }) as RequestAnswer;

  it("is what was given to them and what they may decide", () => {
    const tasks = tasksOf(
      {
        incidents: [incident("i1", "ann"), incident("i2", "bo"), incident("i3", null)],
        requests: [request("r1", true), request("r2", false)],
        recertifications: [
          { id: "c1", title: "2026", due_at: "2026-02-01T00:00:00Z" },
          { id: "c0", title: "2025", due_at: "2025-02-01T00:00:00Z" },
        ],
        mayCurate: true,
        loweringCount: 2,
        proposedPolicies: 1,
      },
      "ann",
      Date.parse("2026-01-01T00:00:00Z"),
    );
    expect(tasks.map(({ words }) => words)).toEqual([
      "bad i1",
      "1 incident waits for somebody",
      "bo asks for access",
      "Confirm roles: 2026",
      "1 policy version waits for approval",
      "2 classes wait for a decision",
    ]);
  });

  it("is cut short where there is much of a kind", () => {
    const incidents = Array.from({ length: 7 }, (_, index) => incident(String(index), "ann"));
    const nothing = { mayCurate: true, requests: [], recertifications: [], loweringCount: 0, proposedPolicies: 0 };
    expect(tasksOf({ ...nothing, incidents }, "ann").map(({ words }) => words)).toHaveLength(5);
    expect(tasksOf({ ...nothing, incidents }, "ann").at(-1)?.words).toBe("3 incidents more");
  });
});

describe("the demo's card", () => {
  it("links what is there of the demo, and nothing without it", () => {
    const dashboard = { namespace: "bi://dashboards.larkspur.example", name: "Executive overview" };
    const customers = { namespace: "postgres://127.0.0.1:5432", name: "larkspur.raw.customers" };
    expect(demoLinks([customers])).toEqual([]);
    expect(demoLinks([dashboard])).toHaveLength(3);
    const [revenue, email] = demoLinks([dashboard, customers]);
    expect(revenue?.to).toContain("field=Revenue&direction=upstream&depth=20&focus=1");
    expect(email?.to).toContain("field=email&direction=downstream");
  });

  it("stays closed", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    };
    expect(isDismissed(storage)).toBe(false);
    keepDismissed(storage);
    expect(isDismissed(storage)).toBe(true);
  });
});
