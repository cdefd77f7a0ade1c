import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client";
import { toProblem } from "../../api/problem";
import { deadLettersQuery } from "../../api/queries";

export type LetterAct = { kind: "replay" } | { kind: "discard"; reason: string } | { kind: "restore" };

export interface Outcome {
  done: number;
  /** What was refused, by the id of the event. */
  refused: { id: string; detail: string }[];
}

/** Does the same to several letters, one after another; what one refuses stops no other. */
export function useLetterActs() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, act }: { ids: string[]; act: LetterAct }) => actOnAll(ids, act),
    onSettled: () => client.invalidateQueries({ queryKey: deadLettersQuery.queryKey }),
  });
}

async function actOnAll(ids: string[], act: LetterAct): Promise<Outcome> {
  const outcome: Outcome = { done: 0, refused: [] };
  for (const id of ids) {
    try {
      await actOn(id, act);
      outcome.done += 1;
    } catch (error) {
      outcome.refused.push({ id, detail: toProblem(error).detail });
    }
  }
  return outcome;
}

async function actOn(id: string, act: LetterAct): Promise<void> {
  const params = { path: { event_id: id } };
  if (act.kind === "replay") await api.POST("/api/v1/dead-letters/{event_id}/retry", { params });
  else if (act.kind === "restore") await api.POST("/api/v1/dead-letters/{event_id}/restore", { params });
  else await api.POST("/api/v1/dead-letters/{event_id}/discard", { params, body: { reason: act.reason } });
}

/** Sends an edited event in place of a letter. */
export function useEditLetter(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (event: Record<string, unknown>) =>
      bodyOf(api.POST("/api/v1/dead-letters/{event_id}/edit", { params: { path: { event_id: id } }, body: event })),
    onSuccess: () => client.invalidateQueries({ queryKey: deadLettersQuery.queryKey }),
  });
}
