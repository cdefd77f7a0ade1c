import { Container, Tabs } from "@mantine/core";
import { useSearchParams } from "react-router-dom";
import { usePermission } from "../../api/usePermission";
import { PageHead } from "../PageHead";
import { HoldsTab } from "./HoldsTab";
import { PoliciesTab } from "./PoliciesTab";
import { QueueTab } from "./QueueTab";
import { RecertificationTab } from "./RecertificationTab";
import { RequestsTab } from "./RequestsTab";
import { RolesTab } from "./RolesTab";

/** Classes that wait for a decision, requests, policies and roles. */
export default function GovernancePage() {
  const [params, setParams] = useSearchParams();
  const mayGovern = usePermission("govern");
  const mayAdmin = usePermission("admin");
  const mayAudit = usePermission("audit");
  const tab = params.get("tab") ?? "queue";
  return (
    <Container size="lg" py="lg">
      <PageHead title="Governance">What waits for a decision, and the rules that hold.</PageHead>
      <Tabs
        value={tab}
        onChange={(next) => setParams(next ? { tab: next } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="queue">Classes</Tabs.Tab>
          <Tabs.Tab value="requests">Requests</Tabs.Tab>
          {(mayGovern || mayAdmin) && <Tabs.Tab value="policies">Policies</Tabs.Tab>}
          <Tabs.Tab value="roles">{mayAdmin ? "Roles" : "Your rights"}</Tabs.Tab>
          {mayAdmin && <Tabs.Tab value="recertification">Recertification</Tabs.Tab>}
          {(mayGovern || mayAudit) && <Tabs.Tab value="holds">Legal holds</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="queue">
          <QueueTab mayDecide={mayGovern} />
        </Tabs.Panel>
        <Tabs.Panel value="requests">
          <RequestsTab />
        </Tabs.Panel>
        <Tabs.Panel value="policies">
          <PoliciesTab mayDecide={mayGovern} />
        </Tabs.Panel>
        <Tabs.Panel value="recertification">
          <RecertificationTab />
        </Tabs.Panel>
        <Tabs.Panel value="holds">
          <HoldsTab mayDecide={mayGovern} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <RolesTab mayManage={mayAdmin} />
        </Tabs.Panel>
      </Tabs>
    </Container>
  );
}
