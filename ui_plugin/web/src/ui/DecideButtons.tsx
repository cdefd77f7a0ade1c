import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toProblem } from "../api/problem";

interface Choice {
  label: string;
  /** Asked again before it happens: it gives rights, or takes protection away. */
  question?: string;
  act: () => Promise<unknown>;
}

/** Decisions about one thing; what they change is read again afterwards. */
export function DecideButtons({ choices, rereads }: { choices: Choice[]; rereads: readonly string[] }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Choice | null>(null);
  const decide = useMutation({
    mutationFn: (choice: Choice) => choice.act(),
    onSuccess: () => client.invalidateQueries({ queryKey: rereads }),
    onSettled: () => setAsked(null),
  });
  return (
    <div>
      {asked ? (
        <Group gap={6}>
          <Text size="sm">{asked.question}</Text>
          <Button size="compact-sm" loading={decide.isPending} onClick={() => decide.mutate(asked)}>
            {asked.label}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setAsked(null)}>
            Cancel
          </Button>
        </Group>
      ) : (
        <Group gap={6} wrap="nowrap">
          {choices.map((choice) => (
            <Button
              key={choice.label}
              size="compact-sm"
              style={{ flexShrink: 0 }}
              variant="default"
              disabled={decide.isPending || decide.isSuccess}
              onClick={() => (choice.question ? setAsked(choice) : decide.mutate(choice))}
            >
              {choice.label}
            </Button>
          ))}
          {decide.isSuccess && <Text size="sm">Done</Text>}
        </Group>
      )}
      {decide.error && (
        <Text size="sm" role="alert">
          {toProblem(decide.error).detail}
        </Text>
      )}
    </div>
  );
}
