import { Badge, Button, Checkbox, Group, Paper, Text } from "@mantine/core";
import { useState } from "react";
import type { DeadLetter } from "../../api/types";
import { formatTime } from "../../ui/format";
import { EditLetter } from "./EditLetter";
import { EventText } from "./EventText";
import { adviceFor, pathIn } from "./place";

interface Props {
  letter: DeadLetter;
  isChosen: boolean;
  onChoose: (is: boolean) => void;
}

/** One event that waits: why, what to do about it, its text with the place of the error, and a way to edit it. */
export function Letter({ letter, isChosen, onChoose }: Props) {
  const [mode, setMode] = useState<"closed" | "open" | "edit">("closed");
  const isDiscarded = letter.discarded_because != null;
  return (
    <Paper withBorder p="md" component="article" aria-label={letter.reason}>
      <Group align="flex-start" wrap="nowrap">
        <Checkbox
          mt={3}
          aria-label={`Choose ${jobOf(letter)}, ${letter.id.slice(0, 19)}`}
          checked={isChosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
        <div style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {letter.reason}
            </Text>
            {letter.quarantined && <Badge variant="light">quarantined</Badge>}
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {jobOf(letter)}, from {letter.principal}, {formatTime(letter.accepted_at)}
          </Text>
          <Text size="sm" mt={4}>
            {isDiscarded ? `Discarded: ${letter.discarded_because}` : adviceFor(letter)}
          </Text>
          <Group gap="xs" my="xs">
            <Button
              size="compact-sm"
              variant="default"
              aria-expanded={mode === "open"}
              onClick={() => setMode(mode === "open" ? "closed" : "open")}
            >
              {mode === "open" ? "Hide the event" : "Show the event"}
            </Button>
            {!isDiscarded && mode !== "edit" && (
              <Button size="compact-sm" variant="default" onClick={() => setMode("edit")}>
                Edit
              </Button>
            )}
          </Group>
          {mode === "open" && <EventText event={letter.event} path={pathIn(letter.reason)} />}
          {mode === "edit" && <EditLetter letter={letter} onClose={() => setMode("closed")} />}
        </div>
      </Group>
    </Paper>
  );
}

function jobOf({ event }: DeadLetter): string {
  const of = (event.job ?? event.dataset) as { name?: string } | undefined;
  return of?.name ?? "an event";
}
