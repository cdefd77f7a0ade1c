import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { toProblem } from "../../api/problem";
import { QUALITY_KEY } from "../../api/quality";
import { sessionQuery } from "../../api/queries";
import type { Incident } from "../../api/types";

type Action = "assign" | "resolve" | "reopen";

const LABELS: Record<Action, string> = { assign: "Assign", resolve: "Resolve", reopen: "Reopen" };

/** Taking, assigning, resolving and reopening; each asks for a note, which stays with the incident. */
export function IncidentActions({ incident }: { incident: Incident }) {
  const me = useQuery(sessionQuery).data?.name;
  const [asked, setAsked] = useState<Action | null>(null);
  const change = useChange(incident.id);
  if (asked) return <ActionForm {...{ incident, action: asked, change }} onClose={() => setAsked(null)} />;
  const isResolved = incident.state === "resolved";
  return (
    <div>
      <Group gap={6}>
        {!isResolved && me && incident.assignee !== me && (
          <Button
            size="compact-sm"
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ action: "assign", assignee: me, note: "" })}
          >
            Take it
          </Button>
        )}
        {(isResolved ? (["reopen"] as const) : (["assign", "resolve"] as const)).map((action) => (
          <Button key={action} size="compact-sm" variant="default" onClick={() => setAsked(action)}>
            {LABELS[action]}…
          </Button>
        ))}
      </Group>
      {change.error && (
        <Text size="sm" role="alert">
          {toProblem(change.error).detail}
        </Text>
      )}
    </div>
  );
}

interface Asked {
  action: Action;
  assignee?: string;
  note: string;
}

function useChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Asked) =>
      bodyOf(api.POST("/api/v1/quality/incidents/{incident_id}", { params: { path: { incident_id: id } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: QUALITY_KEY }),
  });
}

interface FormProps {
  incident: Incident;
  action: Action;
  change: ReturnType<typeof useChange>;
  onClose: () => void;
}

function ActionForm({ incident, action, change, onClose }: FormProps) {
  const [assignee, setAssignee] = useState(incident.assignee ?? "");
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ action, note, ...(action === "assign" ? { assignee } : {}) }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={6} w={280}>
        {action === "assign" && (
          <TextInput
            size="xs"
            label="To whom"
            required
            autoFocus
            value={assignee}
            onChange={(event) => setAssignee(event.currentTarget.value)}
          />
        )}
        <TextInput
          size="xs"
          label="Note"
          autoFocus={action !== "assign"}
          placeholder={action === "resolve" ? "What it was, and what was done" : ""}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group gap={6}>
          <Button size="compact-sm" type="submit" loading={change.isPending}>
            {LABELS[action]}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
        {change.error && (
          <Text size="sm" role="alert">
            {toProblem(change.error).detail}
          </Text>
        )}
      </Stack>
    </form>
  );
}
