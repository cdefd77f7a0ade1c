import { Button, Group, Paper, Text, Title } from "@mantine/core";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { toProblem } from "../api/problem";

interface Props<Made> {
  /** Its button, as what it does: "Make". */
  label: string;
  act: () => Promise<Made>;
  /** What is read again once it was done. */
  rereads?: readonly QueryKey[];
  onDone?: (made: Made) => void;
  /** What is said once it was done. */
  done?: (made: Made) => ReactNode;
  isDisabled?: boolean;
  /** A heading, which makes it a box of its own; without one it is part of another. */
  title?: string;
  children: ReactNode;
}

/** Fields in a row with the button that sends them, and below them what came of it in words. */
export function ActForm<Made>({
  label,
  act,
  rereads = [],
  onDone,
  done,
  isDisabled = false,
  title,
  children,
}: Props<Made>) {
  const client = useQueryClient();
  const sent = useMutation({
    mutationFn: act,
    onSuccess: async (made) => {
      onDone?.(made);
      await Promise.all(rereads.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sent.mutate();
  };
  const form = (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        {children}
        <Button type="submit" {...(title ? {} : { variant: "default" })} loading={sent.isPending} disabled={isDisabled}>
          {label}
        </Button>
      </Group>
      {sent.error && (
        <Text size="sm" role="alert" mt="xs">
          {toProblem(sent.error).detail}
        </Text>
      )}
      {sent.isSuccess && done && (
        <Text size="sm" role="status" mt="xs" component="div">
          {done(sent.data)}
        </Text>
      )}
    </form>
  );
  if (!title) return form;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {form}
    </Paper>
  );
}
