import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { toProblem } from "../../api/problem";
import type { DeadLetter } from "../../api/types";
import { useEditLetter } from "./useLetterActs";

type Read = { event: Record<string, unknown> } | { wrong: string };

/** An event to change and send in place of one that waits; hidden texts that stay as they are become the originals. */
export function EditLetter({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const [text, setText] = useState(() => JSON.stringify(letter.event, null, 2));
  const edit = useEditLetter(letter.id);
  const read = readEvent(text);
  const problem = edit.error ? toProblem(edit.error) : null;
  return (
    <Stack gap="xs">
      <Textarea
        aria-label="The event to send"
        rows={18}
        spellCheck={false}
        styles={{ input: { fontFamily: "ui-monospace, monospace", fontSize: 12.5 } }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={"wrong" in read ? read.wrong : problem?.detail}
      />
      <Text size="xs" c="dimmed">
        It keeps its sender's rights, and names the event that it replaces. Texts that are hidden here and left as they
        are become the originals again.
      </Text>
      <Group gap="xs">
        <Button
          size="compact-sm"
          loading={edit.isPending}
          disabled={"wrong" in read}
          onClick={() => "event" in read && edit.mutate(read.event)}
        >
          Check and send
        </Button>
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function readEvent(text: string): Read {
  try {
    const event: unknown = JSON.parse(text);
    const isObject = typeof event === "object" && event !== null && !Array.isArray(event);
    return isObject ? { event: event as Record<string, unknown> } : { wrong: "An event is a JSON object." };
  } catch (error) {
    return { wrong: `Not JSON: ${(error as Error).message}` };
  }
}
