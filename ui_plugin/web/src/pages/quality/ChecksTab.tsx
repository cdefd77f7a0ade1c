import { Button, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { checkPagesQuery, checkQuery } from "../../api/quality";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { CheckTable, TREND_DAYS } from "./CheckTable";

const STATES = [
  { value: "all", label: "All" },
  { value: "failing", label: "Failing" },
  { value: "passing", label: "Passing" },
];

interface Props {
  state: string | null;
  open: string | null;
  onState: (state: string | null) => void;
  onOpen: (id: string | null) => void;
}

/** Checks with their latest result, the latest first; one opens with what its runs found. */
export function ChecksTab({ state, open, onState, onOpen }: Props) {
  const wanted = state === "failing" || state === "passing" ? state : null;
  const pages = useInfiniteQuery(checkPagesQuery(wanted ? { state: wanted } : {}));
  const checks = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const isListed = open === null || checks.some(({ id }) => id === open);
  const linked = useQuery({ ...checkQuery(open ?? "", TREND_DAYS), enabled: pages.isSuccess && !isListed });
  const shown = linked.data && !isListed ? [linked.data.check, ...checks] : checks;
  return (
    <Stack gap="sm">
      <div>
        <SegmentedControl
          size="xs"
          aria-label="Result"
          value={wanted ?? "all"}
          onChange={(next) => onState(next === "all" ? null : next)}
          data={STATES}
        />
      </div>
      {pages.isPending && <Skeleton h={160} />}
      {pages.isError && <ProblemNotice error={pages.error} onRetry={pages.refetch} />}
      {pages.isSuccess && shown.length === 0 && (
        <EmptyState title={wanted === null ? "No check is known" : `No check is ${wanted}`}>
          Results come in as OpenLineage events of dbt, Great Expectations and others, and from{" "}
          <code>QualityCheckOperator</code> in Airflow.
        </EmptyState>
      )}
      {shown.length > 0 && <CheckTable checks={shown} open={open} onOpen={onOpen} isOfMany />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          Older results
        </Button>
      )}
    </Stack>
  );
}
