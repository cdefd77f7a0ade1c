import { Group, TextInput } from "@mantine/core";
import type { ScopeForm } from "./scopeForm";

const FIELDS = [
  { key: "namespaces", label: "Namespaces", placeholder: "postgres://*" },
  { key: "datasets", label: "Assets", placeholder: "postgres://*/shop.*" },
  { key: "domains", label: "Domains", placeholder: "sales" },
  { key: "ceiling", label: "Up to class", placeholder: "Confidential" },
] as const;

/** The limits of a scope; an empty one limits nothing, several values have commas between. */
export function ScopeFields({ form, onChange }: { form: ScopeForm; onChange: (form: ScopeForm) => void }) {
  return (
    <Group>
      {FIELDS.map(({ key, label, placeholder }) => (
        <TextInput
          key={key}
          label={label}
          placeholder={placeholder}
          w={key === "datasets" ? 240 : 160}
          value={form[key]}
          onChange={(event) => onChange({ ...form, [key]: event.currentTarget.value })}
        />
      ))}
    </Group>
  );
}
