import { describe, expect, it } from "vitest";
import { fileName, formOf, reportOf, scheduleText } from "../../src/pages/reports/reportKinds";

describe("a report", () => {
  it("is the catalogue where the address names none, in a form that it has", () => {
    expect([reportOf(null), reportOf("nonsense"), reportOf("lineage")]).toEqual(["catalogue", "catalogue", "lineage"]);
    expect([formOf(null, "lineage"), formOf("svg", "catalogue"), formOf("csv", "catalogue")]).toEqual([
      "svg",
      "pdf",
      "csv",
    ]);
  });

  it("is saved under its name and day", () => {
    expect(fileName("article-30", "pdf", new Date("2026-01-31T23:00:00Z"))).toBe("article-30-2026-01-31.pdf");
  });
});

describe("a scheduled report", () => {
  it("states what its kind asks for, and no more", () => {
    const asked = { form: "csv" as const, days: 30, identifier: 'e"mail' };
    expect(scheduleText({ report: "exposure", ...asked })).toContain("days=30,");
    expect(scheduleText({ report: "subject", ...asked })).toContain('identifier="e\\"mail",');
    const plain = scheduleText({ report: "article-30", ...asked });
    expect(plain).toContain('DAG("nexus_deliver_article_30"');
    expect(plain).not.toMatch(/days=|identifier=/);
  });
});
