/** What a request asks for, in words as short as its values are. */
import type { ScopeReach } from "../../api/types";
import { formatTime } from "../../ui/format";
import { reachWords } from "../../ui/reachWords";

type Asked = Record<string, unknown>;

export function askedWords(asked: Asked): string {
  if (typeof asked.role === "string") {
    const scope = (asked.scope as ScopeReach[] | undefined)?.map(reachWords).join("; or ");
    return `the role ${asked.role} on ${scope || "nothing"}`;
  }
  return Object.entries(asked)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
}

/** Until when a role is asked for; null for what has no end. */
export function endWords(asked: Asked): string | null {
  if (typeof asked.minutes === "number") return `for ${asked.minutes} minutes from the approval on`;
  return typeof asked.expires_at === "string" ? `until ${formatTime(asked.expires_at)}` : null;
}
