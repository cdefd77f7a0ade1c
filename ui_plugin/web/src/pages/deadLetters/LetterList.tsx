import { Button, Checkbox, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { DeadLetter } from "../../api/types";
import { plural } from "../../ui/format";
import { Letter } from "./Letter";
import { type LetterAct, type Outcome, useLetterActs } from "./useLetterActs";

interface Props {
  letters: DeadLetter[];
  isDiscarded: boolean;
  /** Shown where there is no letter. */
  children: ReactNode;
}

/** Letters with a box each; what is done to the chosen ones stands above, and the way back from it. */
export function LetterList({ letters, isDiscarded, children }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<{ ids: string[]; act: LetterAct } | null>(null);
  const acts = useLetterActs();
  const ids = letters.map((letter) => letter.id).filter((id) => chosen.has(id));
  const act = (on: string[], what: LetterAct) => {
    setLast({ ids: on, act: what });
    acts.mutate({ ids: on, act: what }, { onSuccess: () => setChosen(new Set()) });
  };
  const toggle = (id: string, is: boolean) => {
    const next = new Set(chosen);
    if (is) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Stack>
      {letters.length > 0 && (
        <Paper withBorder p="sm">
          <Group justify="space-between">
            <Checkbox
              label={chosen.size > 0 ? `${plural(ids.length, "event")} chosen` : "Choose all"}
              checked={ids.length === letters.length}
              indeterminate={ids.length > 0 && ids.length < letters.length}
              onChange={(event) =>
                setChosen(event.currentTarget.checked ? new Set(letters.map(({ id }) => id)) : new Set())
              }
            />
            <Acts
              key={ids.join()}
              isDiscarded={isDiscarded}
              isBusy={acts.isPending}
              count={ids.length}
              onAct={(what) => act(ids, what)}
            />
          </Group>
        </Paper>
      )}
      {acts.data && last && (
        <Said outcome={acts.data} act={last.act} onUndo={() => act(last.ids, { kind: "restore" })} />
      )}
      {letters.length === 0 && children}
      {letters.map((letter) => (
        <Letter
          key={letter.id}
          letter={letter}
          isChosen={chosen.has(letter.id)}
          onChoose={(is) => toggle(letter.id, is)}
        />
      ))}
    </Stack>
  );
}

interface ActsProps {
  isDiscarded: boolean;
  isBusy: boolean;
  count: number;
  onAct: (act: LetterAct) => void;
}

function Acts({ isDiscarded, isBusy, count, onAct }: ActsProps) {
  const [reason, setReason] = useState<string | null>(null);
  const none = count === 0;
  if (isDiscarded) {
    return (
      <Button size="compact-sm" disabled={none} loading={isBusy} onClick={() => onAct({ kind: "restore" })}>
        Restore
      </Button>
    );
  }
  if (reason === null) {
    return (
      <Group gap="xs">
        <Button size="compact-sm" disabled={none} loading={isBusy} onClick={() => onAct({ kind: "replay" })}>
          Replay
        </Button>
        <Button size="compact-sm" variant="default" disabled={none || isBusy} onClick={() => setReason("")}>
          Discard
        </Button>
      </Group>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onAct({ kind: "discard", reason: reason.trim() });
      }}
    >
      <Group gap="xs">
        <TextInput
          size="xs"
          aria-label="Why they are discarded"
          placeholder="Why"
          required
          autoFocus
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" size="compact-sm" loading={isBusy} disabled={reason.trim() === ""}>
          Discard {plural(count, "event")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setReason(null)}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}

const DONE = { replay: "replayed", discard: "discarded", restore: "restored" } as const;

function Said({ outcome, act, onUndo }: { outcome: Outcome; act: LetterAct; onUndo: () => void }) {
  return (
    <Stack gap={4} mt="xs">
      <Group gap="xs">
        <Text size="sm" role="status">
          {plural(outcome.done, "event")} {DONE[act.kind]}.
        </Text>
        {act.kind === "discard" && outcome.done > 0 && (
          <Button size="compact-xs" variant="default" onClick={onUndo}>
            Undo
          </Button>
        )}
      </Group>
      {outcome.refused.map(({ id, detail }) => (
        <Text key={id} size="sm" role="alert">
          {id.slice(0, 19)}…: {detail}
        </Text>
      ))}
    </Stack>
  );
}
