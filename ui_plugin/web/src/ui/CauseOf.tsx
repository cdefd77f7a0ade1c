import { Text } from "@mantine/core";
import type { Change } from "../api/types";
import { CopyBlock } from "./CopyBlock";

/** Why something changed: the run, the event that tells of it, and its SQL as far as it may be read. */
export function CauseOf({ cause }: { cause: Change["cause"] }) {
  return (
    <>
      {cause.run && <Text size="sm">Run {cause.run}</Text>}
      {cause.event && (
        <Text size="xs" c="dimmed" ff="monospace">
          {cause.event.slice(0, 23)}
        </Text>
      )}
      {cause.sql && <CopyBlock text={cause.sql} isSql label="SQL" />}
      {!cause.run && !cause.event && <Text size="sm">unknown</Text>}
    </>
  );
}
