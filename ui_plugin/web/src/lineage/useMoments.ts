import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { historyQuery, keptQuery } from "../api/queries";
import type { AssetRef } from "./assetRef";

/** When an asset changed, in milliseconds, oldest first, and the span of time that a slider covers. */
export interface Moments {
  changes: number[];
  first: number;
  last: number;
}

const DAY = 86_400_000;
/** As many changes as a slider can mark. */
const MOST = 1000;
/** Room before the first change, as a share of the span. */
const MARGIN = 0.04;

/** The moments at which an asset's columns, or what feeds it and what it feeds, changed. */
export function useMoments(asset: AssetRef, knownAt: string | null): Moments {
  const history = useQuery({
    ...historyQuery({
      namespace: asset.namespace,
      name: asset.name,
      limit: MOST,
      ...(knownAt && { known_at: knownAt }),
    }),
    enabled: asset.kind === "dataset",
  });
  const kept = useQuery(keptQuery()).data?.kept_from;
  const [now] = useState(() => Date.now());
  return useMemo(() => {
    const told = (history.data?.changes ?? []).map((change) => Date.parse(change.at));
    const changes = [...new Set(told)].sort((a, b) => a - b);
    const earliest = Math.min(changes[0] ?? now - DAY, now - 60_000);
    const before = Math.floor(earliest - Math.max(60_000, (now - earliest) * MARGIN));
    return { changes, first: kept ? Math.max(before, Date.parse(kept)) : before, last: now };
  }, [history.data, kept, now]);
}
