/** Names and colours of platforms; one table for the page and the canvas. Colours pass 3:1 on both backgrounds. */

export interface PlatformLook {
  title: string;
  colour: string;
}

const LOOKS: Record<string, PlatformLook> = {
  airflow: { title: "Airflow", colour: "#0ea5a4" },
  bigquery: { title: "BigQuery", colour: "#4285f4" },
  kafka: { title: "Kafka", colour: "#7a7f87" },
  mongodb: { title: "MongoDB", colour: "#3f9c46" },
  mssql: { title: "SQL Server", colour: "#d13b3b" },
  mysql: { title: "MySQL", colour: "#0b8fac" },
  postgres: { title: "PostgreSQL", colour: "#4178be" },
  redshift: { title: "Redshift", colour: "#8b5cf6" },
  s3: { title: "S3", colour: "#5f9136" },
  snowflake: { title: "Snowflake", colour: "#1f9fd0" },
  superset: { title: "Superset", colour: "#1a9e8f" },
  tableau: { title: "Tableau", colour: "#e06a1f" },
};

const UNKNOWN_COLOURS = ["#b45cc4", "#a0702a", "#c2558a", "#6b7fd7", "#6f8f2f"];

/** How a platform is shown; one that is not in the table gets a colour by its name, always the same. */
export function platformLook(platform: string): PlatformLook {
  const known = LOOKS[platform === "postgresql" ? "postgres" : platform];
  if (known) return known;
  const sum = [...platform].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return { title: platform || "unknown", colour: UNKNOWN_COLOURS[sum % UNKNOWN_COLOURS.length] ?? "#6b7fd7" };
}
