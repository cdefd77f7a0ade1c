import { Button, Group, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { incidentPagesQuery } from "../../api/quality";
import { usePermission } from "../../api/usePermission";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { IncidentCard } from "./IncidentCard";
import { OpenIncident } from "./OpenIncident";

type State = "unresolved" | "resolved" | "all";

const STATES: { value: State; label: string }[] = [
  { value: "unresolved", label: "Unresolved" },
  { value: "resolved", label: "Resolved" },
  { value: "all", label: "All" },
];
const LIVE_MS = 15_000;

interface Props {
  state: State;
  open: string | null;
  onState: (state: string) => void;
  onOpen: (id: string | null) => void;
}

/** What is wrong, the newest first, and what to do about it. */
export function IncidentsTab({ state, open, onState, onOpen }: Props) {
  const pages = useInfiniteQuery({ ...incidentPagesQuery({ state }), refetchInterval: LIVE_MS });
  const incidents = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const mayCurate = usePermission("curate");
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <SegmentedControl size="xs" aria-label="State" value={state} onChange={onState} data={STATES} />
        {mayCurate && <OpenIncident />}
      </Group>
      {pages.isPending && <Skeleton h={160} />}
      {pages.isError && <ProblemNotice error={pages.error} onRetry={pages.refetch} />}
      {pages.isSuccess && incidents.length === 0 && <NoIncident state={state} />}
      {incidents.map((incident) => (
        <IncidentCard
          key={incident.id}
          incident={incident}
          mayCurate={mayCurate}
          isOpen={incident.id === open}
          onToggle={() => onOpen(incident.id === open ? null : incident.id)}
        />
      ))}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          Older incidents
        </Button>
      )}
    </Stack>
  );
}

function NoIncident({ state }: { state: State }) {
  if (state === "resolved") {
    return (
      <EmptyState title="Nothing was resolved yet">Incidents that are over stand here, with who ended them.</EmptyState>
    );
  }
  return (
    <EmptyState title="Nothing is wrong, as far as checks tell">
      A check of severity error that fails opens an incident within seconds. Send results of dbt or Great Expectations
      as OpenLineage events, or run <code>QualityCheckOperator</code> in Airflow.
    </EmptyState>
  );
}
