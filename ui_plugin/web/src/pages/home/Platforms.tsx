import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import type { Overview } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { platformLook } from "../../platforms/platforms";
import { formatNumber } from "../../ui/format";
import { PlatformBadge } from "../../ui/PlatformBadge";
import classes from "./HomePage.module.css";

/** How many assets there are of each platform. */
export function Platforms({ overview }: { overview: Overview }) {
  const most = Math.max(1, ...overview.platforms.map((platform) => platform.count));
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        Platforms
      </Title>
      <Stack gap={8}>
        {overview.platforms.map(({ value, count }) => (
          <Link key={value} to={catalogueAddress({ platform: value })} className={classes.platform}>
            <Group justify="space-between" wrap="nowrap">
              <PlatformBadge platform={value} />
              <Text size="sm">{formatNumber(count)}</Text>
            </Group>
            <div className={classes.track}>
              <div style={{ width: `${(100 * count) / most}%`, background: platformLook(value).colour }} />
            </div>
          </Link>
        ))}
      </Stack>
    </Paper>
  );
}
