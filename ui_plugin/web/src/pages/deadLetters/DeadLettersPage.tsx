import { Container, Group, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router-dom";
import { deadLettersQuery, discardedQuery } from "../../api/queries";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import { LetterList } from "./LetterList";

const VIEWS = [
  { value: "waiting", label: "Waiting" },
  { value: "discarded", label: "Discarded" },
];

/** Events that were accepted and could not be merged: none is lost, each says why. */
export default function DeadLettersPage() {
  const [params, setParams] = useSearchParams();
  const view = params.get("view") === "discarded" ? "discarded" : "waiting";
  const letters = useQuery(view === "waiting" ? deadLettersQuery : discardedQuery);
  const show = (next: string) => setParams(next === "waiting" ? {} : { view: next }, { replace: true });
  return (
    <Container size="lg" py="lg">
      <PageHead title="Dead letters">Accepted events that wait for a person. None is lost; each says why.</PageHead>
      <Group mb="md">
        <SegmentedControl size="xs" aria-label="Which" value={view} onChange={show} data={VIEWS} />
      </Group>
      {letters.isPending && <Skeleton h={160} />}
      {letters.isError && <ProblemNotice error={letters.error} onRetry={letters.refetch} />}
      {letters.data && (
        <LetterList key={view} letters={letters.data} isDiscarded={view === "discarded"}>
          <EmptyState title={view === "waiting" ? "No event waits" : "No event is discarded"}>
            {view === "waiting"
              ? "Every accepted event is in the graph or on its way."
              : "What is put aside stands here, and can be restored."}
          </EmptyState>
        </LetterList>
      )}
    </Container>
  );
}
