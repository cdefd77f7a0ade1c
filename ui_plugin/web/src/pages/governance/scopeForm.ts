/** A scope of one part as a form has it: texts with commas between, empty for no limit. */
import type { ScopeReach } from "../../api/types";

export interface ScopeForm {
  namespaces: string;
  datasets: string;
  domains: string;
  ceiling: string;
}

export const NO_LIMIT: ScopeForm = { namespaces: "", datasets: "", domains: "", ceiling: "" };

/** The scope that a form describes; null: everything. */
export function scopeOf(form: ScopeForm): ScopeReach[] | null {
  const reach: ScopeReach = {};
  for (const key of ["namespaces", "datasets", "domains"] as const) {
    const values = form[key].split(",").map((value) => value.trim());
    const given = values.filter((value) => value !== "");
    if (given.length > 0) reach[key] = given;
  }
  if (form.ceiling.trim() !== "") reach.ceiling = form.ceiling.trim();
  return Object.keys(reach).length === 0 ? null : [reach];
}
