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
  quality: "Quality",
  term: "Term",
};
const QUALITY_WORDS: Record<string, string> = {
  failing: "a check fails",
  passing: "all checks pass",
  unchecked: "no check is known",
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
        const current = chosen[facet] ?? [];
        const missing = current.filter((one) => !values.some(({ value }) => value === one));
        const shown = [...missing.map((value) => ({ value, count: 0 })), ...values];
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
                aria-pressed={current.includes(value)}
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
  if (facet === "quality") return QUALITY_WORDS[value] ?? value;
  return facet === "kind" ? kindWords(value) : value;
}
