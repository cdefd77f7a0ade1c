import { Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { harvestsQuery } from "../../api/queries";
import { ProblemNotice } from "../../ui/Notice";
import { HarvestProgress } from "./HarvestProgress";

const MOST_SHOWN = 10;

/** Harvests that were started from here, with what each read and could not read; one under way can be cancelled. */
export function RecentHarvests() {
  const harvests = useQuery(harvestsQuery);
  if (harvests.isError) return <ProblemNotice error={harvests.error} onRetry={harvests.refetch} />;
  if (!harvests.data?.length) return null;
  return (
    <div>
      <Title order={2} size="h5" mb="xs">
        Started from here
      </Title>
      <Stack>
        {harvests.data.slice(0, MOST_SHOWN).map((harvest) => (
          <HarvestProgress key={harvest.id} started={harvest} isListed />
        ))}
      </Stack>
    </div>
  );
}
