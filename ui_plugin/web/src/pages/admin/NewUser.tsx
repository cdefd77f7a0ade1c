import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { usersQuery } from "../../api/admin";
import { api, bodyOf } from "../../api/client";
import { ActForm } from "../../ui/ActForm";
import { namesIn } from "./people";

const EMPTY = { name: "", email: "", groups: "", password: "" };
const FIELDS = [
  { key: "name", label: "Name", required: true },
  { key: "email", label: "E-mail", required: false },
  { key: "groups", label: "Groups", required: false },
] as const;

/** Makes a person who signs in with a name and a password of LineageNexus. */
export function NewUser() {
  const [form, setForm] = useState(EMPTY);
  return (
    <ActForm
      title="Make a person"
      label="Make"
      act={() => make(form)}
      rereads={[usersQuery.queryKey]}
      onDone={() => setForm(EMPTY)}
      done={({ name }) => `${name} may sign in; a role gives the right to see something.`}
    >
      {FIELDS.map(({ key, label, required }) => (
        <TextInput
          key={key}
          label={label}
          required={required}
          autoComplete="off"
          {...(key === "groups" ? { placeholder: "stewards, analysts" } : {})}
          value={form[key]}
          onChange={(event) => setForm({ ...form, [key]: event.currentTarget.value })}
        />
      ))}
      <PasswordInput
        label="Password"
        required
        w={220}
        autoComplete="new-password"
        value={form.password}
        onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
      />
    </ActForm>
  );
}

function make({ name, email, password, groups }: typeof EMPTY) {
  const told = email.trim() ? { email: email.trim() } : {};
  return bodyOf(api.POST("/api/v1/users", { body: { name: name.trim(), password, groups: namesIn(groups), ...told } }));
}
