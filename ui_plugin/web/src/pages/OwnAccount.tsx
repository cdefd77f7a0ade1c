import { PasswordInput, Skeleton, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ownTokensQuery } from "../api/admin";
import { api } from "../api/client";
import { ActForm } from "../ui/ActForm";
import { InOrder } from "../ui/InOrder";
import { ProblemNotice } from "../ui/Notice";
import { NewToken } from "./admin/NewToken";
import { TokenTable } from "./admin/TokenTable";

/** The reader's own tokens, made here or elsewhere. */
export function OwnTokens() {
  const tokens = useQuery(ownTokensQuery);
  return (
    <InOrder gap="sm">
      <Title order={2} size="h5">
        Your tokens
      </Title>
      {tokens.isPending && <Skeleton h={80} />}
      {tokens.isError && <ProblemNotice error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.data?.length === 0 && <Text size="sm">You have none. Programs that act for you need one.</Text>}
      {tokens.data && tokens.data.length > 0 && <TokenTable tokens={tokens.data} isOwn />}
      <NewToken isOwn />
    </InOrder>
  );
}

/** Changes one's password; of who signs in elsewhere the API says so. */
export function OwnPassword() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const clear = () => {
    setCurrent("");
    setNext("");
  };
  return (
    <ActForm
      title="Your password"
      label="Change it"
      act={() => api.PUT("/api/v1/session/password", { body: { current, new: next } })}
      onDone={clear}
      done={() => "Changed."}
    >
      <PasswordInput
        label="Current password"
        required
        w={280}
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password"
        description="15 characters or more; your other sessions end"
        required
        w={280}
        autoComplete="new-password"
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
    </ActForm>
  );
}
