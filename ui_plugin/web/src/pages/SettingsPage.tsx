import {
  Anchor,
  Container,
  Paper,
  SegmentedControl,
  Skeleton,
  Text,
  Title,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sessionQuery, signInWaysQuery } from "../api/queries";
import { host } from "../app/host";
import { InOrder } from "../ui/InOrder";
import { OwnPassword, OwnTokens } from "./OwnAccount";
import { PageHead } from "./PageHead";

const SCHEMES = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** Colours, who is signed in, and where the API describes itself. */
export default function SettingsPage() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const session = useQuery(sessionQuery);
  const ways = useQuery(signInWaysQuery);
  return (
    <Container size="md" py="lg">
      <PageHead title="Settings and about" />
      <InOrder>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            Colours
          </Title>
          <SegmentedControl
            aria-label="Colours"
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
            data={SCHEMES}
          />
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            About you
          </Title>
          <Text size="sm">
            Signed in as <b>{session.data?.name}</b> ({session.data?.account_id}).
          </Text>
          <Text size="sm">You may: {session.data?.permissions.join(", ") || "read"}.</Text>
        </Paper>
        {host.kind === "standalone" && <OwnTokens />}
        {host.kind === "standalone" && ways.isPending && <Skeleton h={160} />}
        {host.kind === "standalone" && ways.data?.password && <OwnPassword />}
        <Paper withBorder p="md">
          <Title order={2} size="h5" mb="sm">
            About LineageNexus
          </Title>
          <Text size="sm">
            Settings of the server are listed by <code>nexus settings</code>, its health by <code>nexus doctor</code>.
          </Text>
          <Anchor href={`${host.api}/openapi.json`} size="sm">
            The API's own description (openapi.json)
          </Anchor>
        </Paper>
      </InOrder>
    </Container>
  );
}
