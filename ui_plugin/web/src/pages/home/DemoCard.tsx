import { Anchor, CloseButton, Group, Paper, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { datasetsQuery } from "../../api/queries";
import type { Overview } from "../../api/types";
import { CUSTOMERS, DASHBOARD, DEMO_PLATFORM, demoLinks, isDismissed, keepDismissed } from "./demo";
import classes from "./HomePage.module.css";

/** Where to look first in the data of `make demo`; gone for good once it is closed, and not there with other data. */
export function DemoCard({ overview }: { overview: Overview }) {
  const [isClosed, setClosed] = useState(() => isDismissed(localStorage));
  const mayBe = !isClosed && overview.platforms.some(({ value }) => value === DEMO_PLATFORM);
  const dashboards = useQuery({ ...datasetsQuery({ q: DASHBOARD.name, limit: 10 }), enabled: mayBe });
  const customers = useQuery({ ...datasetsQuery({ q: CUSTOMERS, limit: 10 }), enabled: mayBe });
  const links = demoLinks([...(dashboards.data?.items ?? []), ...(customers.data?.items ?? [])]);
  if (!mayBe) return null;
  if (dashboards.isPending || customers.isPending) return <Skeleton h={116} />;
  if (links.length === 0) return null;
  const close = () => {
    keepDismissed(localStorage);
    setClosed(true);
  };
  return (
    <Paper withBorder p="md" component="section" aria-label="The demo" className={classes.demo ?? ""}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb={6}>
        <Title order={2} size="h5">
          This is the demo: Larkspur, a web shop
        </Title>
        <CloseButton size="sm" aria-label="Close this card" onClick={close} />
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        Each link shows an answer.
      </Text>
      <Group gap="lg" style={{ rowGap: 6 }}>
        {links.map(({ to, words }) => (
          <Anchor key={to} component={Link} to={to} size="sm">
            {words}
          </Anchor>
        ))}
      </Group>
    </Paper>
  );
}
