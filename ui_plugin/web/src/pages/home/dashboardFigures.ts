/** The dashboard's figures: what is known now, and its course. */
import type { MetricAnswer, Overview } from "../../api/types";
import { type Metric, type Point, pointsOf, shareOf } from "../../charts/shape";
import { formatNumber, formatSpan, plural } from "../../ui/format";

export interface Figure {
  key: string;
  label: string;
  /** The value now, as it is read; a dash where nothing is known. */
  value: string;
  note: string;
  points: Point[];
  /** Shares end at 100. */
  most?: number;
  write: (value: number) => string;
  isBad: boolean;
}

export const FIGURE_METRICS: Metric[] = [
  "assets",
  "fields",
  "fields_with_lineage",
  "fields_sensitive",
  "fields_protected",
  "assets_described",
  "checks",
  "checks_failing",
  "incidents",
  "harvest_age_seconds",
  "harvests_partial",
];

const STALE_S = 2 * 86_400;
const UNKNOWN = "–";

/** Growth, coverage, adherence, quality and harvest health, in that order. */
export function figuresOf(overview: Overview, answer: MetricAnswer | undefined): Figure[] {
  const of = (metric: Metric) => pointsOf(answer, metric);
  const latest = (metric: Metric) => of(metric).at(-1)?.value;
  return [
    growth(overview, of("assets")),
    coverage(overview, shareOf(of("fields_with_lineage"), of("fields"))),
    adherence(
      latest("fields_sensitive"),
      latest("fields_protected"),
      shareOf(of("fields_protected"), of("fields_sensitive")),
    ),
    quality(
      latest("checks"),
      latest("checks_failing"),
      latest("incidents"),
      shareOf(of("checks_failing"), of("checks")),
    ),
    health(latest("harvest_age_seconds"), latest("harvests_partial"), of("harvest_age_seconds")),
  ];
}

function growth(overview: Overview, points: Point[]): Figure {
  const first = points[0]?.value;
  const gained = first === undefined ? 0 : overview.datasets - first;
  const sign = gained > 0 ? "+" : "\u2212";
  const note = gained === 0 ? plural(overview.fields, "column") : `${sign}${formatNumber(Math.abs(gained))} in 30 days`;
  const value = formatNumber(overview.datasets);
  return { key: "assets", label: "Assets", value, note, points, write: formatNumber, isBad: false };
}

function coverage(overview: Overview, points: Point[]): Figure {
  const share = overview.fields === 0 ? null : (100 * overview.fields_with_lineage) / overview.fields;
  const note = `${formatNumber(overview.fields_with_lineage)} of ${plural(overview.fields, "column")}`;
  return shareFigure("coverage", "Columns with lineage", share, note, points, false);
}

function adherence(sensitive: number | undefined, guarded = 0, points: Point[] = []): Figure {
  const share = sensitive ? (100 * guarded) / sensitive : null;
  const note = sensitive
    ? `${formatNumber(guarded)} of ${plural(sensitive, "sensitive column")}`
    : "no sensitive column is known";
  return shareFigure("adherence", "Protected by a policy", share, note, points, share !== null && share < 100);
}

function quality(checks: number | undefined, failing = 0, incidents = 0, failed: Point[] = []): Figure {
  const share = checks ? 100 - (100 * failing) / checks : null;
  const note = checks ? `${formatNumber(failing)} failing, ${plural(incidents, "incident")}` : "no check is known";
  const points = failed.map(({ at, value }) => ({ at, value: 100 - value }));
  return shareFigure("quality", "Checks that pass", share, note, points, failing > 0 || incidents > 0);
}

function health(age: number | undefined, partial = 0, points: Point[] = []): Figure {
  const usual = age === undefined ? "no source is harvested yet" : "the source harvested longest ago";
  const note = partial > 0 ? `${plural(partial, "harvest")} could not read all` : usual;
  return {
    ...{ key: "harvests", label: "Oldest harvest", note, points, write: formatSpan },
    value: age === undefined ? UNKNOWN : formatSpan(age),
    isBad: partial > 0 || (age ?? 0) > STALE_S,
  };
}

function shareFigure(
  key: string,
  label: string,
  share: number | null,
  note: string,
  points: Point[],
  isBad: boolean,
): Figure {
  return {
    key,
    label,
    note,
    points,
    isBad,
    most: 100,
    write: percent,
    value: share === null ? UNKNOWN : percent(share),
  };
}

/** Never rounded up to all, nor down to nothing. */
export function percent(share: number): string {
  const whole = share > 99 && share < 100 ? 99 : share > 0 && share < 1 ? 1 : Math.round(share);
  return `${whole} %`;
}
