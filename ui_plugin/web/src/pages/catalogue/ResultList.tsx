import { Badge, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Link } from "react-router-dom";
import type { DatasetSummary } from "../../api/types";
import { assetAddress } from "../../app/addresses";
import { splitName } from "../../graph/model";
import { kindWords } from "../../platforms/kinds";
import { ClassBadge } from "../../ui/ClassBadge";
import { formatAgo, plural } from "../../ui/format";
import { PlatformBadge } from "../../ui/PlatformBadge";
import classes from "./CataloguePage.module.css";

const ROW_HEIGHT = 84;
const ROWS_BEFORE_END = 10;
const MOST_MATCHES = 4;

interface Props {
  items: DatasetSummary[];
  active: number;
  /** The reader comes near the end of what is loaded. */
  onEnd: () => void;
}

/** Results, of which only those in sight are on the page. */
export function ResultList({ items, active, onEnd }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const virtualItems = rows.getVirtualItems();
  const last = virtualItems.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - ROWS_BEFORE_END) onEnd();
  }, [last, items.length, onEnd]);
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active);
  }, [active, rows]);
  return (
    <div ref={box} className={classes.scroll}>
      <ul className={classes.list} style={{ height: rows.getTotalSize() }}>
        {virtualItems.map(({ index, start }) => {
          const dataset = items[index];
          if (!dataset) return null;
          return (
            <li
              key={dataset.id}
              className={classes.row}
              style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
            >
              <Result dataset={dataset} isActive={index === active} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Result({ dataset, isActive }: { dataset: DatasetSummary; isActive: boolean }) {
  const { title, prefix } = splitName(dataset.name, dataset.kind);
  const facts = [prefix, kindWords(dataset.kind), plural(dataset.field_count, "column")].filter(Boolean);
  return (
    <Link to={assetAddress(dataset.namespace, dataset.name)} className={classes.result} data-active={isActive}>
      <span className={classes.line}>
        <span className={classes.name}>{title}</span>
        <ClassBadge classification={dataset.classification} size="sm" />
        {dataset.tags.map((tag) => (
          <Badge key={tag} size="sm" variant="default" tt="none">
            {tag}
          </Badge>
        ))}
        <span className={classes.ago}>{formatAgo(dataset.updated_at)}</span>
      </span>
      <span className={classes.line}>
        <PlatformBadge platform={dataset.platform} />
        <Text span size="xs" c="dimmed" truncate>
          {facts.join(" · ")}
          {dataset.owners.length > 0 && ` · ${dataset.owners.join(", ")}`}
        </Text>
      </span>
      <Text span size="sm" c="dimmed" truncate>
        {dataset.matched.length > 0 ? <Matches names={dataset.matched} /> : dataset.description}
      </Text>
    </Link>
  );
}

function Matches({ names }: { names: string[] }) {
  const rest = names.length - MOST_MATCHES;
  return (
    <>
      Matches in <mark className={classes.match}>{names.slice(0, MOST_MATCHES).join(", ")}</mark>
      {rest > 0 && ` and ${rest} more`}
    </>
  );
}
