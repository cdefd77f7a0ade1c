import { Select, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, bodyOf } from "../../api/client";
import { ActForm } from "../../ui/ActForm";
import { SecretOnce } from "./SecretOnce";

const SPANS = ["7", "30", "90", "365"].map((days) => ({ value: days, label: `${days} days` }));
const FOREVER = { value: "", label: "no end" };

/** Makes a token: of one's own, or of a service, whose name is its account. */
export function NewToken({ isOwn }: { isOwn: boolean }) {
  const [name, setName] = useState("");
  const [authority, setAuthority] = useState("viewer");
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  if (made) return <SecretOnce title={`The token of ${made.name}`} secret={made.token} onClose={() => setMade(null)} />;
  return (
    <ActForm
      title="Make a token"
      label="Make it"
      act={() => create(isOwn, name.trim(), linesOf(authority), days)}
      rereads={[["tokens"]]}
      onDone={setMade}
    >
      {!isOwn && (
        <TextInput
          label="Name"
          description="The account; a second token of a name is for rotation"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <Textarea
        label="Allows"
        description="One a line: viewer, viewer:dataset=postgres://*/shop.*, producer:airflow, harvest:…"
        required
        rows={2}
        style={{ flex: 1, minWidth: 280 }}
        value={authority}
        onChange={(event) => setAuthority(event.currentTarget.value)}
      />
      <Select
        label="For"
        description="Then it ends"
        w={120}
        allowDeselect={false}
        value={days}
        onChange={(value) => setDays(value ?? days)}
        data={isOwn ? SPANS : [...SPANS, FOREVER]}
      />
      {isOwn && (
        <Text size="xs" c="dimmed" w="100%">
          It never allows more than you may yourself when it is used.
        </Text>
      )}
    </ActForm>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function create(isOwn: boolean, name: string, authority: string[], days: string) {
  if (isOwn) return bodyOf(api.POST("/api/v1/tokens/own", { body: { authority, expires_days: Number(days) } }));
  const ends = days === "" ? {} : { expires_days: Number(days) };
  return bodyOf(api.POST("/api/v1/tokens", { body: { name, authority, ...ends } }));
}
