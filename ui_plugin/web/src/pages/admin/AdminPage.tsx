import { Container, Tabs } from "@mantine/core";
import { useSearchParams } from "react-router-dom";
import { usePermission } from "../../api/usePermission";
import { EmptyState } from "../../ui/Notice";
import { PageHead } from "../PageHead";
import { SignInTab } from "./SignInTab";
import { SystemTab } from "./SystemTab";
import { TokensTab } from "./TokensTab";
import { UsersTab } from "./UsersTab";

/** People, tokens, sign-in and health, for administrators. */
export default function AdminPage() {
  const [params, setParams] = useSearchParams();
  if (!usePermission("admin")) {
    return (
      <EmptyState title="For administrators">
        Your own tokens and password are in <b>Settings and about</b>; ask for a role under Governance, Requests.
      </EmptyState>
    );
  }
  return (
    <Container size="lg" py="lg">
      <PageHead title="Administration">Who signs in, by what, and whether everything works.</PageHead>
      <Tabs
        value={params.get("tab") ?? "health"}
        onChange={(next) => setParams(next ? { tab: next } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="health">Health</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="sign-in">Sign-in</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="health">
          <SystemTab />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <UsersTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="sign-in">
          <SignInTab />
        </Tabs.Panel>
      </Tabs>
    </Container>
  );
}
