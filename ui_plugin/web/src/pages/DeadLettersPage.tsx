import { Container, Paper, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { deadLettersQuery } from "../api/queries";
import { CopyBlock } from "../ui/CopyBlock";
import { formatTime } from "../ui/format";
import { EmptyState, ProblemNotice } from "../ui/Notice";
import { PageHead } from "./PageHead";

/** Events that were accepted and could not be merged: none is lost, each says why. */
export default function DeadLettersPage() {
  const letters = useQuery(deadLettersQuery);
  return (
    <Container size="lg" py="lg">
      <PageHead title="Dead letters">
        Accepted events that could not be merged. They are kept; <code>nexus dead-letters</code> replays them.
      </PageHead>
      {letters.isPending && <Skeleton h={160} />}
      {letters.isError && <ProblemNotice error={letters.error} onRetry={letters.refetch} />}
      {letters.data?.length === 0 && (
        <EmptyState title="None">Every accepted event is in the graph or on its way.</EmptyState>
      )}
      <Stack>
        {letters.data?.map((letter) => (
          <Paper key={letter.id} withBorder p="md">
            <Text fw={600}>{letter.reason}</Text>
            <Text size="sm" c="dimmed" mb="sm">
              From {letter.principal}, {formatTime(letter.accepted_at)}, {letter.id.slice(0, 19)}…
            </Text>
            <CopyBlock text={JSON.stringify(letter.event, null, 2)} label="The event" />
          </Paper>
        ))}
      </Stack>
    </Container>
  );
}
