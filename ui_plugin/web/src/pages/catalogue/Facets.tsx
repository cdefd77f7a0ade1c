import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { FacetCount } from "../../api/types";
import { kindWords } from "../../platforms/kinds";
import { platformLook } from "../../platforms/platforms";
import { formatNumber } from "../../ui/format";
import classes from "./CataloguePage.module.css";
import { type CatalogueState, FACETS, type FacetName } from "./catalogueState";

const TITLES: Record<FacetName, string> = {
  platform: "Platform",
  kind: "Kind",
  domain: "Domain",
  owner: "Owner",
  tag: "Tag",
  classification: "Classification",
  certification: "Certification",
  term: "Term",
};
const MOST_VALUES = 12;

interface Props {
  counts: Record<string, FacetCount[]>;
  chosen: CatalogueState["filters"];
  onToggle: (facet: FacetName, value: string) => void;
  /** What stands above them. */
  children?: ReactNode;
}

/** Ways to narrow the search, each with how many it leaves. */
export function Facets({ counts, chosen, onToggle, children }: Props) {
  return (
    <aside className={classes.facets} aria-label="Filters">
      {children}
      {FACETS.map((facet) => {
        const values = (counts[facet] ?? []).slice(0, MOST_VALUES);
        const current = chosen[facet];
        const shown =
          current && !values.some(({ value }) => value === current)
            ? [{ value: current, count: 0 }, ...values]
            : values;
        if (shown.length === 0) return null;
        return (
          <fieldset key={facet} className={classes.facet}>
            <Text component="legend" size="xs" fw={600} c="dimmed" tt="uppercase">
              {TITLES[facet]}
            </Text>
            {shown.map(({ value, count }) => (
              <button
                key={value}
                type="button"
                className={classes.value}
                aria-pressed={current === value}
                onClick={() => onToggle(facet, value)}
              >
                <span className={classes.valueName}>{titleOf(facet, value)}</span>
                <span>{formatNumber(count)}</span>
              </button>
            ))}
          </fieldset>
        );
      })}
    </aside>
  );
}

function titleOf(facet: FacetName, value: string): string {
  if (facet === "platform") return platformLook(value).title;
  return facet === "kind" ? kindWords(value) : value;
}
