import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { checkQuery } from "../../api/quality";
import type { QualityResult } from "../../api/types";
import { Trend } from "../../charts/Trend";
import { formatNumber, formatTime, plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";
import classes from "./QualityPage.module.css";

const MOST_MARKS = 90;

/** What the runs of one check found, the earliest first, and what it measured. */
export function CheckTrend({ id, days }: { id: string; days: number }) {
  const found = useQuery(checkQuery(id, days));
  if (found.isPending) return <Skeleton h={60} />;
  if (found.isError) return <ProblemNotice error={found.error} onRetry={found.refetch} />;
  const results = found.data.results.slice(0, MOST_MARKS).reverse();
  const failed = results.filter(({ passed }) => !passed).length;
  const measured = results.flatMap(({ at, measured: value }) =>
    value === null ? [] : [{ at: Date.parse(at), value }],
  );
  return (
    <Stack gap={6} py={4}>
      <Text size="sm" c="dimmed">
        {plural(results.length, "run")} in {days} days, {failed === 0 ? "none" : formatNumber(failed)} failed.
      </Text>
      <div className={classes.results} role="img" aria-label={`${failed} of ${plural(results.length, "run")} failed`}>
        {results.map((result) => (
          <span key={result.at} className={classes.result} data-passed={result.passed} title={wordsOf(result)} />
        ))}
      </div>
      {measured.length > 1 && (
        <Trend label="Measured" points={measured} write={(value) => formatNumber(Math.round(100 * value) / 100)} />
      )}
    </Stack>
  );
}

function wordsOf({ at, passed, measured }: QualityResult): string {
  const value = measured === null ? "" : `, measured ${formatNumber(measured)}`;
  return `${formatTime(at)}: ${passed ? "passed" : "failed"}${value}`;
}
