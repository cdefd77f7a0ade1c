import { Stack, Text } from "@mantine/core";
import { CopyBlock } from "../../ui/CopyBlock";
import { airflowText } from "./airflowText";

/** How Airflow harvests the source on a schedule: a connection and a few lines of YAML. */
export function Schedule({ kind, url }: { kind: string; url: string }) {
  const text = airflowText(kind, url);
  if (!text) return <Text size="sm">Paste a connection URL above; what to copy into Airflow stands here then.</Text>;
  return (
    <Stack gap="sm">
      <Text size="sm">1. The connection, with the password in place of the dots:</Text>
      <CopyBlock text={text.connection} label="Airflow connection" />
      <Text size="sm">2. The source in the YAML file of the harvest DAGs:</Text>
      <CopyBlock text={text.yaml} label="YAML of the harvest" />
      <Text size="sm" c="dimmed">
        docs/airflow.md says where the file lies and what else it may hold.
      </Text>
    </Stack>
  );
}
