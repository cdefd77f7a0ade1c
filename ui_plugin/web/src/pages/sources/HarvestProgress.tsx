import { Button, Group, Loader, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { api, bodyOf } from "../../api/client";
import { harvestQuery, sourcesQuery } from "../../api/queries";
import type { HarvestStatus } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { kindWords } from "../../platforms/kinds";
import { DecideButtons } from "../../ui/DecideButtons";
import { formatAgo, formatNumber, formatTime, plural } from "../../ui/format";

/** How far a harvest is, what it could not read, and the way to what it found. */
export function HarvestProgress({ started, isListed = false }: { started: HarvestStatus; isListed?: boolean }) {
  const { data } = useQuery({ ...harvestQuery(started.id), initialData: started });
  const counts = Object.entries(data.counts).map(([name, count]) => plural(count, kindWords(name)));
  return (
    <Paper withBorder p="md" {...(isListed ? {} : { role: "status" })}>
      <Stack gap="sm" style={{ overflowWrap: "anywhere" }}>
        <Group>
          {data.state === "running" && <Loader size="sm" />}
          <Text fw={600}>{headingOf(data)}</Text>
          <Text size="sm" c="dimmed">
            {counts.join(", ")}
          </Text>
          <Text size="sm" c="dimmed" title={formatTime(data.started_at)}>
            {formatAgo(data.started_at)}
          </Text>
          {data.state === "running" && (
            <DecideButtons
              rereads={sourcesQuery.queryKey}
              choices={[{ label: "Cancel", question: "Stop it? What it read is kept.", act: () => cancel(data.id) }]}
            />
          )}
        </Group>
        {data.problem && <Text size="sm">{data.problem}</Text>}
        <Left title="Denied" names={data.denied} />
        <Left title="Failed" names={data.failed} />
        <Left title="Skipped" names={data.skipped} />
        {data.state === "completed" && !isListed && (
          <Button component={Link} to={catalogueAddress()} w="fit-content">
            See what was found
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

function headingOf(harvest: HarvestStatus): string {
  if (harvest.state === "running") return `Harvesting ${harvest.source}`;
  if (harvest.state === "cancelled") return `The harvest of ${harvest.source} was cancelled`;
  return harvest.state === "completed" ? `Harvested ${harvest.source}` : `The harvest of ${harvest.source} failed`;
}

function cancel(id: string) {
  return bodyOf(api.POST("/api/v1/harvests/{harvest_id}/cancel", { params: { path: { harvest_id: id } } }));
}

const MOST_NAMES = 20;

function Left({ title, names }: { title: string; names: string[] }) {
  if (names.length === 0) return null;
  const rest = names.length - MOST_NAMES;
  return (
    <Text size="sm" c="dimmed">
      {title}: {names.slice(0, MOST_NAMES).join(", ")}
      {rest > 0 && ` and ${formatNumber(rest)} more`}
    </Text>
  );
}
