import { Button, Paper, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { toProblem } from "../api/problem";
import classes from "./ui.module.css";

/** A page or panel that has nothing to show: what that means and what to do. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={520} component="div">
        {children}
      </Text>
      {action}
    </div>
  );
}

/** What went wrong in the API's own words, and a way to try again. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = toProblem(error);
  return (
    <Paper withBorder p="md" role="alert" className={classes.problem}>
      <Text fw={600}>{problem.title}</Text>
      <Text size="sm" c="dimmed">
        {problem.detail}
      </Text>
      {onRetry && (
        <Button size="xs" variant="default" mt="sm" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Paper>
  );
}
