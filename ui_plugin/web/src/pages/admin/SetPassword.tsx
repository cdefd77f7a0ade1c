import { Button, Group, PasswordInput, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import { toProblem } from "../../api/problem";

/** Gives somebody another password, which ends their sessions. */
export function SetPassword({ userId }: { userId: string }) {
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () =>
      api.PUT("/api/v1/users/{user_id}/password", { params: { path: { user_id: userId } }, body: { password } }),
    onSuccess: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <PasswordInput
          label="Another password"
          description="15 characters or more; their sessions end"
          required
          w={280}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={save.error && toProblem(save.error).detail}
        />
        <Button type="submit" variant="default" loading={save.isPending}>
          Set it
        </Button>
        {save.isSuccess && (
          <Text size="sm" role="status">
            Set.
          </Text>
        )}
      </Group>
    </form>
  );
}
