import { Paper, Stack, Text } from "@mantine/core";
import type { SourceTest } from "../../api/types";
import { CopyBlock } from "../../ui/CopyBlock";
import classes from "./ConnectPage.module.css";

/** What works with a connection, and each missing right with what it costs and how to grant it. */
export function TestResult({ result }: { result: SourceTest }) {
  if (!result.ok) {
    return (
      <Paper withBorder p="md" role="alert">
        <Text fw={600}>The connection does not work</Text>
        <Text size="sm">{result.problem ?? "The source gave no reason."}</Text>
      </Paper>
    );
  }
  return (
    <Paper withBorder p="md" role="status">
      <Stack gap="sm">
        <Text fw={600}>
          Connected to {result.source}
          {result.server && `, ${result.server}`}
        </Text>
        <ul className={classes.works}>
          {result.works.map((work) => (
            <li key={work}>{work}</li>
          ))}
        </ul>
        {result.schemas.length > 0 && <Text size="sm">Schemas: {result.schemas.join(", ")}</Text>}
        {result.missing.map((grant) => (
          <div key={grant.missing}>
            <Text size="sm" fw={600}>
              Missing: {grant.missing}
            </Text>
            <Text size="sm" c="dimmed" mb={4}>
              {grant.costs} The harvest works without it.
            </Text>
            <CopyBlock text={grant.statement} isSql label={`Grant ${grant.missing}`} />
          </div>
        ))}
      </Stack>
    </Paper>
  );
}
