import { Anchor, Button, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { SCENARIOS_KEY, scenariosQuery } from "../../api/impact";
import { toProblem } from "../../api/problem";
import { sessionQuery } from "../../api/queries";
import type { ImpactRequest, Scenario } from "../../api/types";
import { formatAgo, plural } from "../../ui/format";
import { ProblemNotice } from "../../ui/Notice";

interface Props {
  /** What would be kept; null while something is missing. */
  asked: ImpactRequest | null;
  current: string | null;
  /** The scenario that the outcome is compared with. */
  other: string | null;
  onOpen: (scenario: Scenario) => void;
  onCompare: (id: string | null) => void;
  onSaved: (id: string) => void;
}

/** Changes that were kept: open, compare, save, remove. */
export function Scenarios({ asked, current, other, onOpen, onCompare, onSaved }: Props) {
  const found = useQuery(scenariosQuery);
  return (
    <Paper withBorder p="sm">
      <Title order={2} size="h6" mb={6}>
        Scenarios
      </Title>
      {found.isPending && <Skeleton h={40} />}
      {found.isError && <ProblemNotice error={found.error} onRetry={found.refetch} />}
      {found.data?.length === 0 && (
        <Text size="xs" c="dimmed">
          Save changes under a title to ask again later, or to compare two ways.
        </Text>
      )}
      <Stack gap={6} mb="xs">
        {found.data?.map((scenario) => (
          <Kept
            key={scenario.id}
            {...{ scenario, onOpen, onCompare }}
            isCurrent={scenario.id === current}
            isCompared={scenario.id === other}
          />
        ))}
      </Stack>
      <SaveForm asked={asked} current={found.data?.find(({ id }) => id === current) ?? null} onSaved={onSaved} />
    </Paper>
  );
}

interface KeptProps extends Pick<Props, "onOpen" | "onCompare"> {
  scenario: Scenario;
  isCurrent: boolean;
  isCompared: boolean;
}

function Kept({ scenario, isCurrent, isCompared, onOpen, onCompare }: KeptProps) {
  const session = useQuery(sessionQuery).data;
  const mayRemove = session?.account_id === scenario.account || session?.permissions.includes("admin");
  return (
    <div>
      <Group justify="space-between" gap={6} wrap="nowrap">
        <Anchor
          component="button"
          type="button"
          size="sm"
          fw={isCurrent ? 650 : 400}
          aria-current={isCurrent}
          ta="left"
          onClick={() => onOpen(scenario)}
        >
          {scenario.title}
        </Anchor>
        <Group gap={4} wrap="nowrap">
          {!isCurrent && (
            <Button
              size="compact-xs"
              variant={isCompared ? "light" : "subtle"}
              aria-pressed={isCompared}
              aria-label={`Compare with ${scenario.title}`}
              onClick={() => onCompare(isCompared ? null : scenario.id)}
            >
              Compare
            </Button>
          )}
          {mayRemove && <Remove scenario={scenario} />}
        </Group>
      </Group>
      <Text size="xs" c="dimmed">
        {plural(scenario.asked.changes.length, "change")}, {formatAgo(scenario.changed_at)}
      </Text>
    </div>
  );
}

function Remove({ scenario: { id, title } }: { scenario: Scenario }) {
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/impact/scenarios/{scenario_id}", { params: { path: { scenario_id: id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SCENARIOS_KEY }),
  });
  return (
    <Button
      size="compact-xs"
      variant={isAsked ? "filled" : "subtle"}
      color={isAsked ? "red" : "gray"}
      loading={remove.isPending}
      aria-label={isAsked ? `Really remove ${title}` : `Remove ${title}`}
      onBlur={() => setAsked(false)}
      onClick={() => (isAsked ? remove.mutate() : setAsked(true))}
    >
      {isAsked ? "Really?" : "Remove"}
    </Button>
  );
}

interface SaveProps {
  asked: ImpactRequest | null;
  current: Scenario | null;
  onSaved: (id: string) => void;
}

/** Keeps the changes under a title; under the title of the open scenario they replace what it held. */
function SaveForm({ asked, current, onSaved }: SaveProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const title = typed ?? current?.title ?? "";
  const replaces = current !== null && title === current.title;
  const save = useMutation({
    mutationFn: (body: { title: string; asked: ImpactRequest }) =>
      replaces
        ? bodyOf(
            api.PUT("/api/v1/impact/scenarios/{scenario_id}", { params: { path: { scenario_id: current.id } }, body }),
          )
        : bodyOf(api.POST("/api/v1/impact/scenarios", { body })),
    onSuccess: async (scenario) => {
      await client.invalidateQueries({ queryKey: SCENARIOS_KEY });
      setTyped(null);
      onSaved(scenario.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked && title.trim()) save.mutate({ title: title.trim(), asked });
  };
  return (
    <form onSubmit={submit}>
      <Group gap={6} wrap="nowrap">
        <TextInput
          size="xs"
          flex={1}
          aria-label="Title of the scenario"
          placeholder="Title"
          value={title}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit" loading={save.isPending} disabled={!asked || !title.trim()}>
          {replaces ? "Save again" : "Save"}
        </Button>
      </Group>
      {save.error && (
        <Text size="xs" role="alert" mt={4}>
          {toProblem(save.error).detail}
        </Text>
      )}
    </form>
  );
}
