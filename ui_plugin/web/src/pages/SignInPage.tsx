import { Button, Center, Code, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf, rememberSession } from "../api/client";
import { toProblem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { host } from "../app/host";

/** Signs in with a token; says where the first one lies. */
export function SignInPage() {
  const [token, setToken] = useState("");
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/session", { body: { token: token.trim() } })),
    onSuccess: (session) => {
      rememberSession(session);
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Center h="100%" p="md" component="main">
      <Paper withBorder p="xl" w={420} maw="100%" shadow="sm">
        <form onSubmit={submit}>
          <Stack>
            <img src={`${host.base}/logo.svg`} alt="" width={40} height={40} />
            <Title order={1} size="h3">
              Sign in to LineageNexus
            </Title>
            <PasswordInput
              label="Access token"
              autoFocus
              required
              autoComplete="current-password"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              error={signIn.error && toProblem(signIn.error).detail}
            />
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Text size="sm" c="dimmed">
              <Code>nexus up</Code> prints a one-time link, and keeps the admin token in the file{" "}
              <Code>admin-token</Code> of its data folder. For other people, make one with{" "}
              <Code>nexus token create NAME</Code>.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
