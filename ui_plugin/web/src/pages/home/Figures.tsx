import { Anchor, Paper, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { seriesQuery } from "../../api/quality";
import type { Overview } from "../../api/types";
import { Trend } from "../../charts/Trend";
import { FIGURE_METRICS, figuresOf } from "./dashboardFigures";
import classes from "./HomePage.module.css";

const PAGES: Record<string, string> = {
  assets: "/catalogue",
  coverage: "/lineage",
  adherence: "/governance?tab=policies",
  quality: "/quality",
  harvests: "/sources",
};

/** Each figure as it is now, with its course over a month. */
export function Figures({ overview }: { overview: Overview }) {
  const series = useQuery(seriesQuery({ metric: FIGURE_METRICS, days: 30 }));
  return (
    <div>
      <SimpleGrid cols={{ base: 2, md: 5 }}>
        {figuresOf(overview, series.data).map((figure) => (
          <Paper key={figure.key} withBorder p="md" className={classes.figure}>
            <Anchor component={Link} to={PAGES[figure.key] ?? "/"} size="sm">
              {figure.label}
            </Anchor>
            <Text fz={28} fw={650} lh={1.25}>
              {figure.value}
            </Text>
            <Text size="xs" c="dimmed" mb={6}>
              {figure.note}
            </Text>
            {series.isPending ? (
              <div className={classes.noTrend} />
            ) : (
              <Trend {...figure} height={40} {...(figure.most === undefined ? {} : { most: figure.most })} />
            )}
          </Paper>
        ))}
      </SimpleGrid>
      {series.data?.complete === false && (
        <Text size="xs" c="dimmed" mt={6}>
          Courses leave out sources of which you do not see all.
        </Text>
      )}
    </div>
  );
}
