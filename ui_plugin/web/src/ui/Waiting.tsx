import { Button, Group, Loader, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { plural } from "./format";

const TICK_MS = 1_000;

/** That something takes its time: after a second how long it has taken, and a way to give it up. */
export function Waiting({ what, onCancel }: { what: string; onCancel?: () => void }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Group gap="sm" py="md">
      <Loader size="sm" aria-hidden="true" />
      <Text size="sm" role="status">
        {what}
      </Text>
      {seconds > 0 && (
        <Text size="sm" c="dimmed">
          {plural(seconds, "second")}
        </Text>
      )}
      {onCancel && (
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </Group>
  );
}
