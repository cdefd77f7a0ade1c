import { describe, expect, it } from "vitest";
import { airflowApi, dagsNamed } from "../../src/api/airflow";

describe("harvests by Airflow", () => {
  it("are asked of the Airflow that the page is mounted in", () => {
    expect(airflowApi("/nexus")).toBe("/api/v2");
    expect(airflowApi("/some/airflow/nexus")).toBe("/some/airflow/api/v2");
  });

  it("are its DAGs of that name; one that is paused has no next run", () => {
    const dag = { timetable_summary: "@hourly", next_dagrun_run_after: "2026-12-01T00:00:00Z" };
    const found = dagsNamed("nexus_harvest_", [
      { ...dag, dag_id: "nexus_harvest_shop", is_paused: false },
      { ...dag, dag_id: "nexus_harvest_crm", is_paused: true },
      { ...dag, dag_id: "nexus_deliver_changes", is_paused: false },
    ]);
    expect(found.map((each) => [each.subject, each.nextRunAt])).toEqual([
      ["shop", "2026-12-01T00:00:00Z"],
      ["crm", null],
    ]);
  });
});
