import { Anchor, Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "react-router-dom";
import type { Incident } from "../../api/types";
import { assetAddress, qualityAddress } from "../../app/addresses";
import { formatAgo, formatTime } from "../../ui/format";
import { BlastRadius } from "./BlastRadius";
import { IncidentActions } from "./IncidentActions";
import classes from "./QualityPage.module.css";

interface Props {
  incident: Incident;
  mayCurate: boolean;
  isOpen: boolean;
  onToggle: () => void;
}

/** One incident: what, where, since when and who; opened with what it reaches. */
export function IncidentCard({ incident, mayCurate, isOpen, onToggle }: Props) {
  const { namespace, name, field, title, check, note } = incident;
  return (
    <Paper withBorder p="md" component="article" aria-label={title}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group gap="xs">
            <Badge variant="light" color={incident.severity === "error" ? "red" : "orange"} tt="none">
              {incident.severity}
            </Badge>
            <Badge variant="default" tt="none">
              {incident.state}
            </Badge>
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {title}
            </Text>
          </Group>
          <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
            <Anchor component={Link} to={assetAddress(namespace, name, "quality")} size="sm">
              {name}
            </Anchor>
            {field && ` . ${field}`}
          </Text>
          <Text size="sm" c="dimmed" title={formatTime(incident.opened_at)}>
            {courseOf(incident)}
          </Text>
          {note && (
            <Text size="sm" mt={6} className={classes.note ?? ""}>
              {note}
            </Text>
          )}
        </div>
        {mayCurate && <IncidentActions incident={incident} />}
      </Group>
      <Group gap="md" mt="xs">
        <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? "Hide what it reaches" : "What it reaches"}
        </Button>
        {check && (
          <Anchor component={Link} to={qualityAddress({ check })} size="xs">
            The check's results
          </Anchor>
        )}
      </Group>
      {isOpen && (
        <Stack mt="sm">
          <BlastRadius namespace={namespace} name={name} field={field} />
        </Stack>
      )}
    </Paper>
  );
}

function courseOf({ opened_at, opened_by, assignee, state, resolved_at, resolved_by }: Incident): string {
  const opened = `Opened ${formatAgo(opened_at)} ${opened_by ? "by a person" : "by its check"}`;
  const given = assignee ? `, with ${assignee}` : "";
  if (state !== "resolved") return `${opened}${given}.`;
  return `${opened}${given}. Resolved ${formatAgo(resolved_at)}${resolved_by ? "" : ": the check passed again"}.`;
}
