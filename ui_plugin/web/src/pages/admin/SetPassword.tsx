import { PasswordInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { ActForm } from "../../ui/ActForm";

/** Gives somebody another password, which ends their sessions. */
export function SetPassword({ userId }: { userId: string }) {
  const [password, setPassword] = useState("");
  const params = { path: { user_id: userId } };
  return (
    <ActForm
      label="Set it"
      act={() => api.PUT("/api/v1/users/{user_id}/password", { params, body: { password } })}
      onDone={() => setPassword("")}
      done={() => "Set."}
    >
      <PasswordInput
        label="Another password"
        description="15 characters or more; their sessions end"
        required
        w={280}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </ActForm>
  );
}
