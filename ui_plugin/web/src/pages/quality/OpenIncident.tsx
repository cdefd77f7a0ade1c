import { Button, Group, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client";
import { toProblem } from "../../api/problem";
import { QUALITY_KEY } from "../../api/quality";
import { AssetPicker, type PickedAsset } from "../../ui/AssetPicker";

/** A form to say that something is wrong that no check saw. */
export function OpenIncident({ asset = null }: { asset?: PickedAsset | null }) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        Open an incident
      </Button>
    );
  }
  return <IncidentForm asset={asset} onClose={() => setOpen(false)} />;
}

function IncidentForm({ asset, onClose }: { asset: PickedAsset | null; onClose: () => void }) {
  const client = useQueryClient();
  const [picked, setPicked] = useState(asset);
  const [title, setTitle] = useState("");
  const [severity, setSeverity] = useState<"error" | "warn">("error");
  const open = useMutation({
    mutationFn: ({ namespace, name }: PickedAsset) =>
      bodyOf(api.POST("/api/v1/quality/incidents", { body: { namespace, name, title, severity } })),
    onSuccess: () => client.invalidateQueries({ queryKey: QUALITY_KEY }).then(onClose),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (picked) open.mutate(picked);
  };
  return (
    <Paper withBorder p="sm" w={360}>
      <form onSubmit={submit}>
        <Stack gap={6}>
          {!asset && <AssetPicker label="Asset" value={picked} onPick={setPicked} />}
          <TextInput
            label="What is wrong"
            required
            maxLength={300}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Select
            label="Severity"
            allowDeselect={false}
            value={severity}
            onChange={(value) => setSeverity(value === "warn" ? "warn" : "error")}
            data={["error", "warn"]}
          />
          <Group gap={6}>
            <Button size="compact-sm" type="submit" loading={open.isPending} disabled={!picked}>
              Open it
            </Button>
            <Button size="compact-sm" variant="default" onClick={onClose}>
              Cancel
            </Button>
          </Group>
          {open.error && (
            <Text size="sm" role="alert">
              {toProblem(open.error).detail}
            </Text>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
