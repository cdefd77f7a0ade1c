import { Button, Paper, Text } from "@mantine/core";
import { CopyBlock } from "../../ui/CopyBlock";

/** A secret that the server keeps as a hash only: to be copied now. */
export function SecretOnce({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  return (
    <Paper withBorder p="md" role="status">
      <Text fw={600}>{title}</Text>
      <Text size="sm" mb="xs">
        It is shown now and never again.
      </Text>
      <CopyBlock text={secret} label={title} />
      <Button mt="xs" size="compact-sm" variant="default" onClick={onClose}>
        I have it
      </Button>
    </Paper>
  );
}
