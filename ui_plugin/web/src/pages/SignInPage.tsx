import {
  Anchor,
  Button,
  Center,
  Code,
  Divider,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf, rememberSession } from "../api/client";
import { toProblem } from "../api/problem";
import { sessionQuery, signInWaysQuery } from "../api/queries";
import type { SignIn, SignInWays } from "../api/types";
import { host } from "../app/host";

/** Signs in by an identity provider, a name and password, or a token; says where the first token lies. */
export function SignInPage() {
  const { data: ways, isPending } = useQuery(signInWaysQuery);
  const [wantsToken, setWantsToken] = useState(false);
  const byPassword = ways?.password && !wantsToken;
  if (isPending) return null;
  return (
    <Center h="100%" p="md" component="main">
      <Paper withBorder p="xl" w={420} maw="100%" shadow="sm">
        <Stack>
          <img src={`${host.base}/logo.svg`} alt="" width={40} height={40} />
          <Title order={1} size="h3">
            Sign in to LineageNexus
          </Title>
          <Providers ways={ways} />
          {byPassword ? <PasswordForm /> : <TokenForm />}
          {ways?.password && (
            <Anchor component="button" type="button" size="sm" onClick={() => setWantsToken(!wantsToken)}>
              {wantsToken ? "Use a name and password" : "Use an access token"}
            </Anchor>
          )}
        </Stack>
      </Paper>
    </Center>
  );
}

function Providers({ ways }: { ways: SignInWays | undefined }) {
  if (!ways?.providers.length) return null;
  const next = encodeURIComponent(location.pathname.slice(host.base.length) + location.search);
  return (
    <>
      {ways.providers.map(({ key, title, path }) => (
        <Button key={key} component="a" variant="default" href={`${host.base}${path}?next=${next}`}>
          Sign in with {title}
        </Button>
      ))}
      <Divider label="or" />
    </>
  );
}

function PasswordForm() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ name: name.trim(), password });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          autoFocus
          required
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={signIn.error && toProblem(signIn.error).detail}
        />
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

function TokenForm() {
  const [token, setToken] = useState("");
  const signIn = useSignIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ token: token.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
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
          <Code>nexus up</Code> prints a one-time link, and keeps the admin token in the file <Code>admin-token</Code>{" "}
          of its data folder. For other people, <Code>nexus user create NAME</Code> makes an account.
        </Text>
      </Stack>
    </form>
  );
}

function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SignIn) => bodyOf(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => {
      rememberSession(session);
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
}
