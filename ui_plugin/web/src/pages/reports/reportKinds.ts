/** Which reports there are, what each tells, and how a scheduled one is written down. */
import type { ReportKind } from "../../api/reports";

export type Report = ReportKind | "lineage";
export type Form = "pdf" | "csv" | "json" | "svg";

interface ReportLook {
  title: string;
  tells: string;
  forms: readonly Form[];
  /** What it asks for. */
  asks?: "identifier" | "days" | "asset";
}

const PAPERS: readonly Form[] = ["pdf", "csv", "json"];

export const REPORTS: Record<Report, ReportLook> = {
  "article-30": {
    title: "Record of processing",
    tells:
      "Article 30 GDPR: activities, their purpose and basis, the personal data that each touches, and what is missing.",
    forms: PAPERS,
  },
  subject: {
    title: "A person's data",
    tells: "Where one person's rows are: statements that find and delete them, and the copies that lineage leads to.",
    forms: PAPERS,
    asks: "identifier",
  },
  exposure: {
    title: "Who read personal data",
    tells: "Which accounts read which columns with personal data, as query logs tell.",
    forms: PAPERS,
    asks: "days",
  },
  catalogue: {
    title: "Catalogue",
    tells: "Every asset with class, owners, tags, domain and description.",
    forms: PAPERS,
  },
  adherence: {
    title: "Adherence",
    tells: "Which sensitive columns a masking policy matches, and which none does.",
    forms: PAPERS,
  },
  quality: { title: "Quality", tells: "Checks with their latest results, failing ones first.", forms: PAPERS },
  lineage: {
    title: "Lineage of an asset",
    tells: "The graph around an asset or column, as a drawing or a table.",
    forms: ["svg", "pdf", "csv", "json"],
    asks: "asset",
  },
};

export function reportOf(text: string | null): Report {
  return text !== null && text in REPORTS ? (text as Report) : "catalogue";
}

export function formOf(text: string | null, report: Report): Form {
  const { forms } = REPORTS[report];
  return forms.find((form) => form === text) ?? forms[0] ?? "pdf";
}

/** The name that a made report is saved under: `catalogue-2026-01-31.pdf`. */
export function fileName(report: Report, form: Form, now = new Date()): string {
  return `${report}-${now.toISOString().slice(0, 10)}.${form}`;
}

interface Scheduled {
  report: ReportKind;
  form: Form;
  days: number;
  identifier: string;
}

/** A DAG that makes a report once a month and mails it. */
export function scheduleText({ report, form, days, identifier }: Scheduled): string {
  const { asks } = REPORTS[report];
  const id = report.replaceAll("-", "_");
  const asked = [
    ...(asks === "days" ? [`        days=${days},`] : []),
    ...(asks === "identifier" ? [`        identifier=${JSON.stringify(identifier || "email")},`] : []),
  ];
  return [
    "from datetime import UTC, datetime",
    "",
    "from airflow.sdk import DAG",
    "",
    "from nexus_operators.delivery import DeliverReportOperator",
    "",
    `with DAG("nexus_deliver_${id}", schedule="0 6 1 * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False):`,
    "    DeliverReportOperator(",
    `        task_id="${id}",`,
    `        report="${report}",`,
    `        form="${form}",`,
    ...asked,
    '        smtp_conn_id="smtp_default",',
    '        to=["stewards@example.com"],',
    "        retries=2,",
    "    )",
  ].join("\n");
}

/** A DAG that tells each hour what happened in what the connection's account follows. */
export const FOLLOWING_TEXT = [
  "from datetime import UTC, datetime",
  "",
  "from airflow.sdk import DAG",
  "",
  "from nexus_operators.delivery import DeliverChangesOperator",
  "",
  'with DAG("nexus_deliver_changes", schedule="5 * * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False):',
  '    DeliverChangesOperator(task_id="changes", slack_conn_id="slack_stewards", hours=1, retries=2)',
].join("\n");
