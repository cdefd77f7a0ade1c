import { Button, Group, Paper, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { repeatAct } from "../api/client";
import { toProblem } from "../api/problem";
import { isRepeatable, keepAct, onRefused, type RefusedAct, stepUpAddress, takeAct } from "../api/stepUp";
import classes from "./Frame.module.css";
import { host } from "./host";

/** Taken once a load of the page: a rendering may be thrown away, and begun anew. */
let kept = takeAct();

/** Leads from an act that needs a stronger sign-in to that, and afterwards back to the act. */
export default function StepUp() {
  const [refused, setRefused] = useState<RefusedAct | null>(null);
  const [returned, setReturned] = useState(kept);
  useEffect(() => onRefused(setRefused), []);
  if (refused) return <SignInStronger act={refused} onClose={() => setRefused(null)} />;
  const close = () => {
    kept = null;
    setReturned(null);
  };
  if (returned) return <DoItNow act={returned} onClose={close} />;
  return null;
}

interface Props {
  act: RefusedAct;
  onClose: () => void;
}

function SignInStronger({ act, onClose }: Props) {
  const leave = () => {
    keepAct(act);
    location.assign(stepUpAddress(host.base, act));
  };
  return (
    <Paper withBorder className={classes.notice} role="alertdialog" aria-label="A stronger sign-in is needed">
      <Text size="sm">
        Governing takes a new and stronger sign-in. You come back here afterwards
        {isRepeatable(act) ? ", and what you just did is offered again." : "."}
      </Text>
      <Group gap="xs">
        {host.kind === "standalone" && (
          <Button size="compact-sm" onClick={leave} autoFocus>
            Sign in again
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Not now
        </Button>
      </Group>
    </Paper>
  );
}

function DoItNow({ act, onClose }: Props) {
  const client = useQueryClient();
  const repeat = useMutation({
    mutationFn: () => repeatAct(act),
    onSuccess: () => client.invalidateQueries(),
  });
  if (repeat.isSuccess || !isRepeatable(act)) {
    return (
      <Paper withBorder className={classes.notice} role="status">
        <Text size="sm">{repeat.isSuccess ? "Done." : "You are signed in anew: you may go on now."}</Text>
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Close
        </Button>
      </Paper>
    );
  }
  return (
    <Paper withBorder className={classes.notice} role="alertdialog" aria-label="Do it now?">
      <div>
        <Text size="sm">Before you signed in you asked for this. Do it now?</Text>
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {act.method} {act.path} {act.body}
        </Text>
        {repeat.error && (
          <Text size="sm" role="alert">
            {toProblem(repeat.error).detail}
          </Text>
        )}
      </div>
      <Group gap="xs" wrap="nowrap">
        <Button size="compact-sm" loading={repeat.isPending} onClick={() => repeat.mutate()} autoFocus>
          Do it
        </Button>
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Leave it
        </Button>
      </Group>
    </Paper>
  );
}
