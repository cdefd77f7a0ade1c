import { Button, Group, Loader, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { harvestQuery } from "../../api/queries";
import type { HarvestStatus } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { kindWords } from "../../platforms/kinds";
import { formatNumber, plural } from "../../ui/format";

/** How far a harvest is, what it could not read, and the way to what it found. */
export function HarvestProgress({ started }: { started: HarvestStatus }) {
  const { data } = useQuery({ ...harvestQuery(started.id), initialData: started });
  const counts = Object.entries(data.counts).map(([name, count]) => plural(count, kindWords(name)));
  return (
    <Paper withBorder p="md" role="status">
      <Stack gap="sm">
        <Group>
          {data.state === "running" && <Loader size="sm" />}
          <Text fw={600}>{headingOf(data)}</Text>
          <Text size="sm" c="dimmed">
            {counts.join(", ")}
          </Text>
        </Group>
        {data.problem && <Text size="sm">{data.problem}</Text>}
        <Left title="Denied" names={data.denied} />
        <Left title="Failed" names={data.failed} />
        <Left title="Skipped" names={data.skipped} />
        {data.state === "completed" && (
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
  return harvest.state === "completed" ? `Harvested ${harvest.source}` : `The harvest of ${harvest.source} failed`;
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
