/** Numbers, sizes and times as people read them; what is unknown is shown as a dash. */

const UNKNOWN = "–";
const NUMBER = new Intl.NumberFormat("en");
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const SIZES = ["B", "kB", "MB", "GB", "TB", "PB"];
const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function formatNumber(value: number | null | undefined): string {
  return value == null ? UNKNOWN : NUMBER.format(value);
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes == null) return UNKNOWN;
  const power = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${SIZES[power]}`;
}

/** "3 hours ago" of an RFC 3339 time. */
export function formatAgo(time: string | null | undefined, now = Date.now()): string {
  if (!time) return UNKNOWN;
  const seconds = (Date.parse(time) - now) / 1000;
  const [unit, span] = SPANS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return Math.abs(seconds) < 45 ? "just now" : RELATIVE.format(Math.round(seconds / span), unit);
}

/** A length of time in its greatest unit: "3 h", "12 d". */
export function formatSpan(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** A time to the minute, UTC. */
export function formatTime(time: string | null | undefined): string {
  return time ? `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC` : UNKNOWN;
}

/** The hour that begins at a time: "Nov 30, 16–17 h UTC". */
export function formatHour(time: string): string {
  const begin = new Date(time);
  return `${DAY.format(begin)}, ${begin.getUTCHours()}–${begin.getUTCHours() + 1} h UTC`;
}

function manyOf(one: string): string {
  return /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;
}

export function plural(count: number, one: string, many = manyOf(one)): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
