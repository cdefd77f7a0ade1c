import {
  Button,
  Container,
  Group,
  Loader,
  PasswordInput,
  Stack,
  Stepper,
  Tabs,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router-dom";
import { api, bodyOf } from "../../api/client";
import { connectorsQuery } from "../../api/queries";
import type { ConnectorSummary } from "../../api/types";
import { CopyBlock } from "../../ui/CopyBlock";
import { ProblemNotice } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import classes from "./ConnectPage.module.css";
import { HarvestProgress } from "./HarvestProgress";
import { Schedule } from "./Schedule";
import { TestResult } from "./TestResult";

/** Three steps from a connection URL to lineage: pick and paste, test, harvest. */
export default function ConnectPage() {
  const [params] = useSearchParams();
  const [kind, setKind] = useState(params.get("kind") ?? "");
  const [url, setUrl] = useState("");
  const connectors = useQuery(connectorsQuery);
  const body = { url: url.trim(), schemas: [] };
  const test = useMutation({ mutationFn: () => bodyOf(api.POST("/api/v1/sources/test", { body })) });
  const harvest = useMutation({ mutationFn: () => bodyOf(api.POST("/api/v1/harvests", { body })) });
  const step = stepOf(test.data?.ok ?? false, harvest.data !== undefined);
  const chosen = connectors.data?.find((one) => one.kind === kind) ?? connectors.data?.[0];
  const changeUrl = (text: string) => {
    setUrl(text);
    test.reset();
    harvest.reset();
  };
  return (
    <Container size="md" py="lg">
      <PageHead title="Connect a source">Nothing is written to it, and the password is not stored.</PageHead>
      {params.get("source") && (
        <Text size="sm" mb="md">
          Again {params.get("source")}: passwords are not stored, so paste its connection URL once more. On a schedule,
          Airflow keeps it.
        </Text>
      )}
      <Stepper active={step} size="sm" mb="lg" allowNextStepsSelect={false}>
        <Stepper.Step label="Pick and paste" />
        <Stepper.Step label="Test" />
        <Stepper.Step label="Harvest" />
      </Stepper>
      {connectors.isError && <ProblemNotice error={connectors.error} onRetry={connectors.refetch} />}
      {connectors.isPending && <Loader role="status" aria-label="Loading" />}
      {chosen && (
        <Stack>
          <Kinds connectors={connectors.data ?? []} chosen={chosen.kind} onChoose={setKind} />
          <form
            onSubmit={(event) => {
              event.preventDefault();
              test.mutate();
            }}
          >
            <Group align="flex-end">
              <PasswordInput
                className={classes.url}
                label="Connection URL"
                description={`As ${chosen.url_example}`}
                placeholder={chosen.url_example}
                autoComplete="off"
                required
                value={url}
                onChange={(event) => changeUrl(event.currentTarget.value)}
              />
              <Button type="submit" loading={test.isPending} variant={test.data?.ok ? "default" : "filled"}>
                Test
              </Button>
            </Group>
          </form>
          {test.isError && <ProblemNotice error={test.error} />}
          {test.data && <TestResult result={test.data} />}
          {test.data?.ok && !harvest.data && (
            <Button size="md" onClick={() => harvest.mutate()} loading={harvest.isPending}>
              Harvest now
            </Button>
          )}
          {harvest.isError && <ProblemNotice error={harvest.error} />}
          {harvest.data && <HarvestProgress started={harvest.data} />}
          <MoreHelp connector={chosen} url={url} />
        </Stack>
      )}
    </Container>
  );
}

function stepOf(isTested: boolean, isHarvesting: boolean): number {
  if (isHarvesting) return 3;
  return isTested ? 2 : 0;
}

interface KindsProps {
  connectors: ConnectorSummary[];
  chosen: string;
  onChoose: (kind: string) => void;
}

function Kinds({ connectors, chosen, onChoose }: KindsProps) {
  return (
    <Group gap="xs">
      {connectors.map((connector) => (
        <UnstyledButton
          key={connector.kind}
          className={classes.kind}
          aria-pressed={connector.kind === chosen}
          disabled={connector.problem != null}
          title={connector.problem ?? connector.title}
          onClick={() => onChoose(connector.kind)}
        >
          {connector.title}
          {connector.problem && (
            <Text size="xs" c="dimmed">
              does not load
            </Text>
          )}
        </UnstyledButton>
      ))}
    </Group>
  );
}

function MoreHelp({ connector, url }: { connector: ConnectorSummary; url: string }) {
  return (
    <Tabs defaultValue="rights" mt="lg" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="rights">Rights it needs</Tabs.Tab>
        <Tabs.Tab value="schedule">Schedule in Airflow</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="rights">
        <Text size="sm" mb="xs">
          A user of its own with read rights. As an administrator of the source:
        </Text>
        <CopyBlock text={connector.grants_sql} isSql label="SQL that grants the rights" />
      </Tabs.Panel>
      <Tabs.Panel value="schedule">
        <Schedule kind={connector.kind} url={url || connector.url_example} />
      </Tabs.Panel>
    </Tabs>
  );
}
