import { Anchor, Button, Group, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../api/client";
import { facetHistoryQuery, KEYS } from "../api/governance";
import { toProblem } from "../api/problem";
import { formatTime } from "../ui/format";
import classes from "./Editable.module.css";
import type { Subject } from "./useEdit";
import { type Facet, type Value, wordsOf } from "./values";

interface Props {
  subject: Subject;
  facet: Facet;
  etag: string;
  mayRevert: boolean;
}

/** Who changed it when, and a way back to each state. */
export function FacetHistory(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div>
      <Anchor component="button" type="button" size="sm" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
        {isOpen ? "Hide its history" : "Its history"}
      </Anchor>
      {isOpen && <Versions {...props} />}
    </div>
  );
}

function Versions({ subject, facet, etag, mayRevert }: Props) {
  const client = useQueryClient();
  const query = { ...subject, facet };
  const versions = useQuery(facetHistoryQuery(query));
  const revert = useMutation({
    mutationFn: (event: string) =>
      bodyOf(
        api.POST("/api/v1/curated/revert", {
          params: { query, header: { "if-match": `"${etag}"` } },
          body: { event },
        }),
      ),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: KEYS.curated });
      client.invalidateQueries({ queryKey: ["dataset", subject.namespace, subject.name] });
    },
  });
  if (versions.isError) return <Text size="sm">{toProblem(versions.error).detail}</Text>;
  if (versions.data?.length === 0) return <Text size="sm">Nobody has edited it.</Text>;
  return (
    <div>
      {versions.data?.map((version, index) => (
        <div key={version.event} className={classes.version}>
          <Group justify="space-between" wrap="nowrap">
            <span>
              {formatTime(version.at)}, {version.by}: {wordsOf(version.after as Value)}
            </span>
            {mayRevert && index > 0 && (
              <Button size="compact-xs" variant="default" onClick={() => revert.mutate(version.event)}>
                Take back to this
              </Button>
            )}
          </Group>
        </div>
      ))}
      {revert.error && <Text size="sm">{toProblem(revert.error).detail}</Text>}
    </div>
  );
}
