/** What waits for the reader. */
import type { Incident, RequestAnswer } from "../../api/types";
import { formatTime, plural } from "../../ui/format";

export interface Task {
  key: string;
  words: string;
  /** More of it, such as whose or until when. */
  note: string;
  to: string;
}

interface Waiting {
  requests: readonly RequestAnswer[];
  incidents: readonly Incident[];
  /** Whether incidents that nobody took are theirs, too. */
  mayCurate: boolean;
  /** Recertifications that are not over. */
  recertifications: readonly { id: string; title: string; due_at: string }[];
  loweringCount: number;
  proposedPolicies: number;
}

const MOST_OF_A_KIND = 4;

/** Incidents with the reader first, then what others wait for. */
export function tasksOf(waiting: Waiting, me: string, now = Date.now()): Task[] {
  const mine = waiting.incidents.filter(({ assignee }) => assignee === me);
  const untaken = waiting.mayCurate ? waiting.incidents.filter(({ state }) => state === "open").length : 0;
  const decidable = waiting.requests.filter(({ decidable: may }) => may);
  const running = waiting.recertifications.filter(({ due_at }) => Date.parse(due_at) > now);
  return [
    ...few(mine.map(incidentTask), "incident", "/quality"),
    ...counted(untaken, "incident", "waits for somebody", "/quality"),
    ...few(decidable.map(requestTask), "request", "/governance?tab=requests"),
    ...running.map(({ id, title, due_at }) => ({
      key: id,
      words: `Confirm roles: ${title}`,
      note: `ends by itself at ${formatTime(due_at)}`,
      to: "/governance?tab=roles",
    })),
    ...counted(waiting.proposedPolicies, "policy version", "waits for approval", "/governance?tab=policies"),
    ...counted(waiting.loweringCount, "class", "waits for a decision", "/governance"),
  ];
}

function incidentTask({ id, title, name }: Incident): Task {
  return { key: id, words: title, note: name, to: `/quality?incident=${encodeURIComponent(id)}` };
}

function requestTask({ id, kind, account, reason }: RequestAnswer): Task {
  return {
    key: id,
    words: `${account} asks for ${REQUESTED[kind] ?? kind}`,
    note: reason,
    to: "/governance?tab=requests",
  };
}

const REQUESTED: Record<string, string> = {
  change: "a change",
  access: "access",
  "break-glass": "access in an emergency",
};

/** The first of a kind, and how many more there are. */
function few(tasks: Task[], kind: string, to: string): Task[] {
  if (tasks.length <= MOST_OF_A_KIND) return tasks;
  const rest = { key: `more ${kind}`, words: `${plural(tasks.length - MOST_OF_A_KIND, kind)} more`, note: "", to };
  return [...tasks.slice(0, MOST_OF_A_KIND), rest];
}

function counted(count: number, what: string, waits: string, to: string): Task[] {
  if (count === 0) return [];
  const many = what === "class" ? plural(count, what, "classes") : plural(count, what);
  return [{ key: what, words: `${many} ${count === 1 ? waits : waits.replace("waits", "wait")}`, note: "", to }];
}
