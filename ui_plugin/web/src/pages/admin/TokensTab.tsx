import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { tokensQuery } from "../../api/admin";
import { InOrder } from "../../ui/InOrder";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { NewToken } from "./NewToken";
import { TokenTable } from "./TokenTable";

const DORMANT_DAYS = 90;
const VIEWS = [
  { value: "all", label: "All" },
  { value: "dormant", label: `Unused for ${DORMANT_DAYS} days` },
];

/** Everybody's tokens. */
export function TokensTab() {
  const [view, setView] = useState("all");
  const tokens = useQuery(tokensQuery(view === "all" ? null : DORMANT_DAYS));
  return (
    <InOrder>
      <SegmentedControl w="fit-content" size="xs" aria-label="Which" value={view} onChange={setView} data={VIEWS} />
      {tokens.isPending && <Skeleton h={160} />}
      {tokens.isError && <ProblemNotice error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.data?.length === 0 && <EmptyState title="None">Every token was used lately.</EmptyState>}
      {tokens.data && tokens.data.length > 0 && <TokenTable tokens={tokens.data} isOwn={false} />}
      <NewToken isOwn={false} />
    </InOrder>
  );
}
