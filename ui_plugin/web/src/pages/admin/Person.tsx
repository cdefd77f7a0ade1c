import { CloseButton, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { UserSummary } from "../../api/types";
import { ActForm } from "../../ui/ActForm";
import { DecideButtons } from "../../ui/DecideButtons";
import { BindRole } from "../governance/BindRole";
import { RightsView } from "../governance/RightsView";
import { isLocal, namesIn, vouchedBy } from "./people";
import { SetPassword } from "./SetPassword";

/** One person: what is changed here, and what they may do. */
export function Person({ user, onClose }: { user: UserSummary; onClose: () => void }) {
  const session = useQuery(sessionQuery);
  const isMe = session.data?.account_id === user.id;
  return (
    <Paper withBorder p="md" component="section" aria-label={user.name}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {user.display_name ?? user.name}
        </Title>
        <CloseButton aria-label="Close" onClick={onClose} />
      </Group>
      <Stack gap="md">
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {user.id}, signs in by {vouchedBy(user)}
        </Text>
        <Group align="flex-end" justify="space-between">
          <Groups user={user} />
          {!isMe && <Disable key={String(user.disabled_at)} user={user} />}
        </Group>
        {isLocal(user) && <SetPassword userId={user.id} />}
        <div>
          <Title order={3} size="h6" mb="xs">
            May do now
          </Title>
          <RightsView account={user.id} />
        </div>
        {!isMe && <BindRole subject={{ kind: "account", id: user.id }} />}
      </Stack>
    </Paper>
  );
}

function change(user: UserSummary, body: { disabled?: boolean; groups?: string[] }) {
  return bodyOf(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body }));
}

function Disable({ user }: { user: UserSummary }) {
  const isOff = user.disabled_at !== null;
  const disable = {
    label: "Disable",
    question: "Sessions and tokens end within seconds. Disable?",
    act: () => change(user, { disabled: true }),
  };
  return (
    <DecideButtons
      rereads={["users"]}
      choices={[isOff ? { label: "Enable again", act: () => change(user, { disabled: false }) } : disable]}
    />
  );
}

/** The groups that are given here; those of a provider come with each sign-in or by SCIM. */
function Groups({ user }: { user: UserSummary }) {
  const told = user.groups.join(", ");
  const [text, setText] = useState(told);
  if (!isLocal(user)) {
    return <Text size="sm">Groups, as the provider tells them: {told || "none"}</Text>;
  }
  return (
    <ActForm
      label="Save groups"
      act={() => change(user, { groups: namesIn(text) })}
      rereads={[["users"], ["roles"]]}
      isDisabled={text === told}
    >
      <TextInput
        label="Groups"
        placeholder="stewards, analysts"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ActForm>
  );
}
