import { Anchor, Button, Paper, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { auditPagesQuery } from "../../api/governance";
import type { ReportKind } from "../../api/reports";
import { usePermission } from "../../api/usePermission";
import { host } from "../../app/host";
import { AirflowDags } from "../../ui/AirflowDags";
import { CopyBlock } from "../../ui/CopyBlock";
import { formatTime } from "../../ui/format";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { Waiting } from "../../ui/Waiting";
import { WideTable } from "../../ui/WideTable";
import type { ChoiceProps } from "./MakeTab";
import { Asked, FormChoice, USUAL_DAYS } from "./PaperForm";
import { FOLLOWING_TEXT, formOf, REPORTS, reportOf, scheduleText } from "./reportKinds";

const DELIVERED = (Object.keys(REPORTS) as (keyof typeof REPORTS)[]).filter(
  (kind): kind is ReportKind => kind !== "lineage",
);

/** How a report or changes are delivered by Airflow, within Airflow by which DAGs, and which reports were made. */
export function ScheduledTab({ params, onSet }: ChoiceProps) {
  const wanted = reportOf(params.get("report"));
  const report = wanted === "lineage" ? "catalogue" : wanted;
  const form = formOf(params.get("format"), report);
  const text = scheduleText({
    ...{ report, form, days: Number(params.get("days") ?? USUAL_DAYS), identifier: params.get("identifier") ?? "" },
  });
  return (
    <Stack gap="lg">
      {host.kind === "airflow" && (
        <AirflowDags prefix="nexus_deliver_" label="Deliveries by Airflow" subject="What">
          <Text size="sm">
            No DAG <code>nexus_deliver_…</code> that you see: save one of those below in the DAGs folder.
          </Text>
        </AirflowDags>
      )}
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb={4}>
          A report by mail, Slack or webhook
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          Airflow makes it on its schedule, as the account of the connection <code>lineage_nexus</code>. Save this as a
          file in the DAGs folder; <code>webhook_conn_id</code> and <code>slack_conn_id</code> go beside or in place of
          mail.
        </Text>
        <Stack gap="sm" mb="sm">
          <Select
            label="Report"
            w={260}
            allowDeselect={false}
            value={report}
            onChange={(next) => onSet({ report: next, format: null })}
            data={DELIVERED.map((value) => ({ value, label: REPORTS[value].title }))}
          />
          <Asked report={report} params={params} onSet={onSet} />
          <FormChoice forms={REPORTS[report].forms} value={form} onSet={onSet} />
        </Stack>
        <CopyBlock text={text} label="DAG that delivers the report" />
      </Paper>
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb={4}>
          What happens in followed assets
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          Schema, lineage and incidents of what the connection's account follows; nothing is sent where nothing
          happened.
        </Text>
        <CopyBlock text={FOLLOWING_TEXT} label="DAG that delivers changes" />
      </Paper>
      <Made />
    </Stack>
  );
}

/** Who made which report: for auditors, and only when asked for, since reading the audit log is recorded, too. */
function Made() {
  const mayAudit = usePermission("audit");
  const [isShown, setShown] = useState(false);
  if (!mayAudit) return null;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="xs">
        Made before
      </Title>
      {isShown ? (
        <MadeList />
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => setShown(true)}>
          Look into the audit log
        </Button>
      )}
    </Paper>
  );
}

const MOST = 20;

function MadeList() {
  const pages = useInfiniteQuery(auditPagesQuery({ action: ["report.make"], limit: MOST }));
  if (pages.isPending) return <Waiting what="Reading the audit log" />;
  if (pages.isError) return <ProblemNotice error={pages.error} onRetry={pages.refetch} />;
  const records = pages.data.pages[0]?.items ?? [];
  if (records.length === 0)
    return <EmptyState title="No report was made">Each one that is made stands here.</EmptyState>;
  return (
    <>
      <WideTable minWidth={560} verticalSpacing={4} aria-label="Reports that were made">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Report</Table.Th>
            <Table.Th>Format</Table.Th>
            <Table.Th>Outcome</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <Table.Tr key={`${record.writer} ${record.seq}`}>
              <Table.Td>{formatTime(record.at)}</Table.Td>
              <Table.Td>{String(record.target.report ?? "")}</Table.Td>
              <Table.Td>{String(record.target.format ?? "")}</Table.Td>
              <Table.Td>{record.outcome}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Anchor component={Link} to="/audit?action=report.make" size="sm">
        All in the audit log
      </Anchor>
    </>
  );
}
