import { Container, Tabs } from "@mantine/core";
import { useSearchParams } from "react-router-dom";
import { PageHead } from "../PageHead";
import { FollowingTab } from "./FollowingTab";
import { MakeTab } from "./MakeTab";
import { ScheduledTab } from "./ScheduledTab";

/** Reports to take away, how they are delivered, and what the reader follows; the choice lies in the URL. */
export default function ReportsPage() {
  const [params, setParams] = useSearchParams();
  const set = (values: Record<string, string | null>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <Container size="lg" py="lg">
      <PageHead title="Reports">
        For compliance and for stewards, of what you may see. That a report was made stands in the audit log.
      </PageHead>
      <Tabs
        value={params.get("tab") ?? "make"}
        onChange={(tab) => set({ tab: tab === "make" ? null : tab })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="make">Make a report</Tabs.Tab>
          <Tabs.Tab value="scheduled">Delivery</Tabs.Tab>
          <Tabs.Tab value="following">Following</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="make">
          <MakeTab params={params} onSet={set} />
        </Tabs.Panel>
        <Tabs.Panel value="scheduled">
          <ScheduledTab params={params} onSet={set} />
        </Tabs.Panel>
        <Tabs.Panel value="following">
          <FollowingTab />
        </Tabs.Panel>
      </Tabs>
    </Container>
  );
}
