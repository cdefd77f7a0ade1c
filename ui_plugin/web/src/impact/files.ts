/** An impact answer as a file: Markdown for a pull request, CSV for a spreadsheet, JSON for programs. */
import type { ImpactAnswer, ImpactAsset, ImpactRequest } from "../api/types";
import { csvOf } from "../ui/files";
import { countsOf, VERDICT_WORDS, VERDICTS } from "./answer";
import { changeWords, draftsOf } from "./changes";

export type FileForm = "md" | "csv" | "json";

const AROUND = 60; // characters
const CSV_HEAD = ["asset", "verdict", "code", "reason", "owners", "reads_90_days", "place", "path", "patch"];

export function impactFile(form: FileForm, asked: ImpactRequest, answer: ImpactAnswer): Blob {
  if (form === "json") return new Blob([JSON.stringify({ asked, answer }, null, 2)], { type: "application/json" });
  if (form === "csv") return new Blob(["\ufeff", impactCsv(answer)], { type: "text/csv;charset=utf-8" });
  return new Blob([impactMarkdown(asked, answer)], { type: "text/markdown;charset=utf-8" });
}

export function impactCsv({ assets }: ImpactAnswer): string {
  const rows = assets.map((asset) => [
    asset.id,
    asset.verdict,
    asset.reason.code,
    asset.reason.message,
    asset.owners.join(" "),
    String(asset.use_count),
    placeOf(asset),
    asset.path.join(" > "),
    asset.patch ?? "",
  ]);
  return csvOf([CSV_HEAD, ...rows]);
}

/** The changes, the numbers, and a table of each verdict but `safe`, worst first. */
export function impactMarkdown(asked: ImpactRequest, { assets, hidden, truncated }: ImpactAnswer): string {
  const counts = countsOf(assets);
  const told = VERDICTS.filter((verdict) => verdict !== "safe" && counts[verdict] > 0);
  return [
    "## Impact of these changes",
    "",
    ...draftsOf(asked).map((change) => `- ${changeWords(change)}`),
    "",
    `${VERDICTS.map((verdict) => `**${counts[verdict]}** ${VERDICT_WORDS[verdict].many}`).join(", ")}.`,
    ...(hidden ? ["More lies downstream that its author may not see."] : []),
    ...(truncated ? ["Not all that lies downstream was followed: there is too much of it."] : []),
    ...told.flatMap((verdict) => tableOf(VERDICT_WORDS[verdict].label, assets, verdict)),
    "",
  ].join("\n");
}

function tableOf(title: string, assets: readonly ImpactAsset[], verdict: string): string[] {
  const found = assets.filter((asset) => asset.verdict === verdict);
  const rows = found.map((asset) =>
    [code(asset.id), asset.reason.message, code(placeOf(asset)), asset.owners.join(", "), String(asset.use_count)]
      .map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " "))
      .join(" | "),
  );
  const patches = found.filter(({ patch }) => patch !== null);
  return [
    "",
    `### ${title}`,
    "",
    "| asset | why | where | owners | reads in 90 days |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    ...patches.flatMap(({ id, patch }) => ["", `${code(id)} does as before with:`, "", "```sql", patch ?? "", "```"]),
  ];
}

/** The part of the statement that the verdict is about, with a little around it; places count characters. */
function placeOf({ statement, start, end }: ImpactAsset): string {
  if (statement === null || start === null || end === null) return "";
  const letters = [...statement];
  return letters
    .slice(Math.max(0, start - AROUND), end + AROUND)
    .join("")
    .split(/\s+/)
    .join(" ")
    .trim();
}

function code(text: string): string {
  return text === "" ? "" : `\`${text.replaceAll("`", "")}\``;
}
