import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { hasStatus, toProblem } from "../api/problem";
import classes from "./Editable.module.css";
import { FacetHistory } from "./FacetHistory";
import { type Subject, useEdit } from "./useEdit";
import type { Facet } from "./values";

interface Props {
  subject: Subject;
  facet: Facet;
  /** What is edited, in words. */
  label: string;
  /** What is shown now, as it would be typed; lists with commas. */
  text: string;
  /** What is shown now as a list, where it is one. */
  shown?: readonly string[];
  hint?: string;
  children: ReactNode;
}

/** Something of an asset that people may change in place; who may not, proposes the change. */
export function Editable({ children, ...props }: Props) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <EditForm {...props} onClose={() => setOpen(false)} />;
  return (
    <span className={classes.shown}>
      {children}
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        className={classes.pencil}
        aria-label={`Edit ${props.label}`}
        onClick={() => setOpen(true)}
      >
        <svg viewBox="0 0 16 16" width={13} height={13} aria-hidden="true">
          <path d="M2 14l.8-3.2 8-8 2.4 2.4-8 8zM9.6 4l2.4 2.4" fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </ActionIcon>
    </span>
  );
}

function EditForm({
  subject,
  facet,
  label,
  text,
  shown = [],
  hint,
  onClose,
}: Omit<Props, "children"> & { onClose: () => void }) {
  const [typed, setTyped] = useState(text);
  const [reason, setReason] = useState("");
  const { kept, maySave, save, ask } = useEdit(subject, facet, shown, true);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (maySave) save.mutate(typed, { onSuccess: onClose });
    else ask.mutate({ text: typed, reason }, { onSuccess: onClose });
  };
  const error = save.error ?? ask.error ?? kept.error;
  const Input = facet === "description" ? Textarea : TextInput;
  return (
    <form onSubmit={submit} className={classes.form}>
      <Stack gap="xs">
        <Input
          aria-label={label}
          description={hint}
          autoFocus
          value={typed}
          onChange={(event: { currentTarget: { value: string } }) => setTyped(event.currentTarget.value)}
          {...(facet === "description" ? { autosize: false, rows: 4 } : {})}
        />
        {!maySave && (
          <TextInput
            label="Why"
            description="You may not change it yourself: a steward decides."
            required
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {error && <EditProblem error={error} />}
        <Group gap="xs">
          <Button size="compact-sm" type="submit" loading={save.isPending || ask.isPending} disabled={!kept.isSuccess}>
            {maySave ? "Save" : "Propose"}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
        <FacetHistory subject={subject} facet={facet} etag={kept.data?.etag ?? "none"} mayRevert={maySave} />
      </Stack>
    </form>
  );
}

function EditProblem({ error }: { error: Error }) {
  const words = hasStatus(error, 412)
    ? "Somebody changed it meanwhile. Cancel, look at what it is now, and edit again."
    : toProblem(error).detail;
  return (
    <Text size="sm" role="alert" className={classes.problem}>
      {words}
    </Text>
  );
}
