import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../api/client";
import { facetQuery, KEYS } from "../api/governance";
import { usePermission } from "../api/usePermission";
import { curatedValue, type Facet, type Value } from "./values";

export interface Subject {
  namespace: string;
  name: string;
  field?: string;
}

/** Editing one facet: what is kept of it with its ETag, and saving on top of exactly that.
 *
 * Who may not curate asks for the change instead, with a reason.
 */
export function useEdit(subject: Subject, facet: Facet, shown: readonly string[], isOpen: boolean) {
  const client = useQueryClient();
  const maySave = usePermission("curate");
  const query = { ...subject, facet };
  const kept = useQuery({ ...facetQuery(query), enabled: isOpen });
  const settle = () => {
    client.invalidateQueries({ queryKey: KEYS.curated });
    client.invalidateQueries({ queryKey: ["dataset", subject.namespace, subject.name] });
    client.invalidateQueries({ queryKey: KEYS.requests });
  };
  const etag = kept.data?.etag ?? "none";
  const value = (text: string): Value => curatedValue(facet, text, (kept.data?.value ?? null) as Value, shown);
  const save = useMutation({
    mutationFn: (text: string) =>
      bodyOf(
        api.PUT("/api/v1/curated/facet", {
          params: { query, header: { "if-match": `"${etag}"` } },
          body: { value: value(text) },
        }),
      ),
    onSuccess: settle,
  });
  const ask = useMutation({
    mutationFn: ({ text, reason }: { text: string; reason: string }) =>
      bodyOf(
        api.POST("/api/v1/requests/changes", {
          body: {
            edits: [
              { ...query, kind: "dataset", etag, add: [], remove: [], field: subject.field ?? "", value: value(text) },
            ],
            reason,
          },
        }),
      ),
    onSuccess: settle,
  });
  return { kept, maySave, save, ask };
}
