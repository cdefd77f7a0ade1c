import { describe, expect, it } from "vitest";
import { readHost } from "../../src/app/host";
import { airflowText } from "../../src/pages/sources/airflowText";
import { formatAgo, formatBytes, formatNumber, plural } from "../../src/ui/format";
import { sqlTokens } from "../../src/ui/sqlTokens";

describe("formats", () => {
  it("show the unknown as a dash", () => {
    expect([formatNumber(null), formatBytes(undefined), formatAgo(null)]).toEqual(["–", "–", "–"]);
  });

  it("read as people do", () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    expect(formatAgo("2026-11-24T09:00:00Z", now)).toBe("3 hours ago");
    expect(formatAgo("2026-11-24T11:59:30Z", now)).toBe("just now");
    expect(formatBytes(734_003_200)).toBe("734 MB");
    expect([plural(1, "asset"), plural(1200, "asset")]).toEqual(["1 asset", "1,200 assets"]);
  });
});

describe("SQL colours", () => {
  it("tell comments, strings, numbers and words apart, and lose no text", () => {
    const sql = "SELECT 'it''s', 42 /* open\n FROM x -- end";
    const tokens = sqlTokens(sql);
    expect(tokens.map((token) => token.text).join("")).toBe(sql);
    expect(tokens.filter((token) => token.kind !== "plain").map((token) => token.kind)).toEqual([
      "keyword",
      "string",
      "number",
      "comment",
    ]);
  });
});

describe("what to copy into Airflow", () => {
  it("holds no password", () => {
    const text = airflowText("postgresql", "postgresql://eve:s3cret@db:5433/shop");
    expect(text?.connection).toContain("--conn-host 'db'");
    expect(JSON.stringify(text)).not.toContain("s3cret");
    expect(text?.yaml).toContain("connection: shop_postgresql");
  });

  it("needs a URL", () => {
    expect(airflowText("postgresql", "nonsense")).toBeNull();
  });
});

describe("host", () => {
  it("is read from the server's configuration", () => {
    const page = document.implementation.createHTMLDocument();
    page.head.innerHTML =
      '<script id="nexus-config" type="application/json">{"api":"/nexus/api/v1","host":"airflow"}</script>';
    Object.defineProperty(page, "baseURI", { value: "http://h/nexus/" });
    expect(readHost(page, "")).toMatchObject({ api: "/nexus", base: "/nexus", kind: "airflow", isEmbedded: true });
  });

  it("without one is its own", () => {
    const page = document.implementation.createHTMLDocument();
    Object.defineProperty(page, "baseURI", { value: "http://h/" });
    expect(readHost(page, "?embed=1")).toMatchObject({ api: "", base: "", kind: "standalone", isEmbedded: true });
  });
});
