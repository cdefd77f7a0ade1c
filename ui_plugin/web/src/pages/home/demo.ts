/** The data of `make demo`, and the questions that it answers. */
import { impactAddress, qualityAddress } from "../../app/addresses";
import { startAt, writeState } from "../../lineage/explorerState";

export const DEMO_PLATFORM = "bi";
export const DASHBOARD = { namespace: "bi://dashboards.larkspur.example", name: "Executive overview" };
export const CUSTOMERS = "larkspur.raw.customers";
const KEY = "nexus.demo-card";
const DEPTH = 20;

interface Named {
  namespace: string;
  name: string;
}

/** Links for what is there of the demo; none where the dashboard is not. */
export function demoLinks(found: readonly Named[]): { to: string; words: string }[] {
  const isThere = found.some(({ namespace, name }) => namespace === DASHBOARD.namespace && name === DASHBOARD.name);
  if (!isThere) return [];
  const customers = found.find(({ name }) => name === CUSTOMERS);
  const revenue = graph(DASHBOARD, "Revenue", "upstream");
  return [
    { to: revenue, words: "Where the dashboard's revenue comes from" },
    ...(customers
      ? [
          { to: graph(customers, "email", "downstream"), words: "Every place that customers.email reaches" },
          { to: impactAddress(customers, "email"), words: "What breaks if customers.email is dropped" },
        ]
      : []),
    { to: qualityAddress({}), words: "Which check fails, and what that reaches" },
    { to: "/catalogue", words: "All that was found" },
  ];
}

function graph({ namespace, name }: Named, field: string, direction: "upstream" | "downstream"): string {
  const start = startAt({ kind: "dataset", namespace, name });
  return `/lineage?${writeState({ ...start, field, direction, depth: DEPTH, focus: true })}`;
}

export function isDismissed(storage: Pick<Storage, "getItem">): boolean {
  return storage.getItem(KEY) !== null;
}

export function keepDismissed(storage: Pick<Storage, "setItem">): void {
  storage.setItem(KEY, "closed");
}
