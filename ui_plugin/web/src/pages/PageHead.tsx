import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

interface Props {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** A page's heading, also in the browser's title. */
export function PageHead({ title, children, action }: Props) {
  useEffect(() => {
    document.title = `${title} · LineageNexus`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" mb="md">
      <div>
        <Title order={1} size="h3">
          {title}
        </Title>
        {children && (
          <Text c="dimmed" size="sm" mt={2} component="div">
            {children}
          </Text>
        )}
      </div>
      {action}
    </Group>
  );
}
