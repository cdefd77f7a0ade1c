import { Badge, Group, Paper, Stack, Text } from "@mantine/core";
import type { JobSummary } from "../../api/types";
import { AwayLink } from "../../ui/AwayLink";
import { CopyBlock } from "../../ui/CopyBlock";
import { formatAgo } from "../../ui/format";
import { EmptyState } from "../../ui/Notice";

/** Jobs that read or write an asset, with their SQL and last run. */
export function JobsTab({ jobs }: { jobs: JobSummary[] }) {
  if (jobs.length === 0) {
    return (
      <EmptyState title="No job is known">
        Jobs appear when they run with OpenLineage, or when the source's query log shows their statements.
      </EmptyState>
    );
  }
  return (
    <Stack>
      {jobs.map((job) => (
        <Paper key={`${job.role} ${job.namespace} ${job.name}`} withBorder p="md">
          <Group justify="space-between" mb={job.sql ? "sm" : 0}>
            <Group gap="xs">
              <Badge variant="light" color={job.role === "writes" ? "indigo" : "gray"}>
                {job.role}
              </Badge>
              <Text fw={600}>{job.name}</Text>
              <Text size="sm" c="dimmed">
                {[job.namespace, job.integration, job.job_type].filter(Boolean).join(" · ")}
              </Text>
            </Group>
            <Group gap="sm">
              <Text size="sm" c="dimmed">
                {job.last_run_at
                  ? `${job.last_state?.toLowerCase() ?? "ran"} ${formatAgo(job.last_run_at)}`
                  : "no run known"}
              </Text>
              {job.airflow_url && <AwayLink href={job.airflow_url}>Open in Airflow</AwayLink>}
            </Group>
          </Group>
          {job.sql && <CopyBlock text={job.sql} isSql label={`SQL of ${job.name}`} />}
        </Paper>
      ))}
    </Stack>
  );
}
