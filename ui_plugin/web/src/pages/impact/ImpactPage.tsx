import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearchParams } from "react-router-dom";
import { impactQuery, scenariosQuery } from "../../api/impact";
import type { ImpactRequest, Scenario, Verdict } from "../../api/types";
import { VERDICTS } from "../../impact/answer";
import {
  blankChange,
  DEFAULT_DEPTH,
  type DraftChange,
  draftsOf,
  missingOf,
  readAsked,
  requestOf,
  writeAsked,
} from "../../impact/changes";
import { EmptyState, ProblemNotice } from "../../ui/Notice";
import { Waiting } from "../../ui/Waiting";
import { PageHead } from "../PageHead";
import { ChangeForm } from "./ChangeForm";
import { Compared } from "./Compared";
import classes from "./ImpactPage.module.css";
import { Outcome } from "./Outcome";
import { Scenarios } from "./Scenarios";

const DEPTHS = [1, 2, 5, 10, DEFAULT_DEPTH, 50];
const MOST_CHANGES = 100;

/** Changes that somebody means to make, and what each would do to everything downstream; the URL holds both. */
export default function ImpactPage() {
  const page = useImpact();
  const { params, show } = page;
  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <PageHead title="Impact">What breaks, what changes silently and what stays, before a change is made.</PageHead>
        <Editor {...page} />
        <Scenarios
          asked={page.ready}
          current={params.get("scenario")}
          other={params.get("compare")}
          onOpen={({ id, asked }) => page.run({ changes: draftsOf(asked), depth: asked.depth }, id)}
          onCompare={(compare) => show({ compare })}
          onSaved={(scenario) => show({ scenario })}
        />
      </div>
      <section aria-label="Outcome">
        {page.asked && JSON.stringify(page.asked) !== JSON.stringify(page.ready) && (
          <Text size="sm" c="dimmed" mb="sm" role="status">
            This is the outcome of the changes before you edited them.
          </Text>
        )}
        <OutcomeOf asked={page.asked} params={params} show={show} onCancel={page.cancel} />
      </section>
    </div>
  );
}

interface Draft {
  changes: DraftChange[];
  depth: number;
}

/** The changes as they are written down, those whose outcome is shown, and the address that holds them. */
function useImpact() {
  const [params, setParams] = useSearchParams();
  const state = useLocation().state as Draft | null;
  const told = JSON.stringify([params.getAll("change"), params.get("depth"), state]);
  const [shown, setShown] = useState(() => ({ told, ...startOf(params, state) }));
  // Back and forward lead to what was asked before.
  if (shown.told !== told) setShown({ told, ...startOf(params, state) });
  const { draft, asked } = shown;
  const client = useQueryClient();
  const setDraft = (next: Draft) => setShown({ ...shown, draft: next });
  const show = (values: Record<string, string | null | undefined>) =>
    setParams((before) => withValues(before, values), { replace: true, state });
  const run = (next: Draft, scenario: string | null = null) => {
    const address = writeAsked(next.changes, next.depth);
    const other = params.get("compare");
    const values = { scenario, compare: other === scenario ? null : other };
    setShown({ ...shown, draft: next, asked: readyOf(next) });
    setParams(withValues(address ?? new URLSearchParams(), values), { state: address === null ? next : null });
  };
  const cancel = () => {
    client.cancelQueries({ queryKey: ["impact"] });
    setShown({ ...shown, asked: null });
  };
  return { params, draft, setDraft, asked, ready: readyOf(draft), show, run, cancel };
}

/** What the address tells, or the browser's history where it is too long for one; else a change to be filled in. */
function startOf(params: URLSearchParams, state: Draft | null): { draft: Draft; asked: ImpactRequest | null } {
  const read = readAsked(params);
  const draft = state ?? (read.changes.length > 0 ? read : { ...read, changes: [blankChange()] });
  return { draft, asked: readyOf(draft) };
}

function readyOf({ changes, depth }: Draft): ImpactRequest | null {
  return changes.length > 0 && changes.every((change) => missingOf(change) === null) ? requestOf(changes, depth) : null;
}

function withValues(before: URLSearchParams, values: Record<string, string | null | undefined>): URLSearchParams {
  const params = new URLSearchParams(before);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  return params;
}

type EditorProps = Pick<ReturnType<typeof useImpact>, "draft" | "setDraft" | "ready" | "run" | "params">;

function Editor({ draft, setDraft, ready, run, params }: EditorProps) {
  const { changes, depth } = draft;
  const set = (next: DraftChange[]) => setDraft({ changes: next, depth });
  const isTooLong = writeAsked(changes, depth) === null;
  return (
    <Stack gap="sm" mb="md">
      {changes.map((change, index) => (
        <ChangeForm
          // biome-ignore lint/suspicious/noArrayIndexKey: a change has no name, and none is moved.
          key={index}
          change={change}
          number={index + 1}
          missing={missingOf(change)}
          onChange={(next) => set(changes.with(index, next))}
          onRemove={changes.length > 1 ? () => set(changes.toSpliced(index, 1)) : null}
        />
      ))}
      <Group justify="space-between">
        <Button
          size="compact-sm"
          variant="subtle"
          disabled={changes.length >= MOST_CHANGES}
          onClick={() => set([...changes, nextChange(changes)])}
        >
          Add a change
        </Button>
        <Select
          size="xs"
          w={150}
          aria-label="How far downstream"
          allowDeselect={false}
          value={String(depth)}
          onChange={(value) => setDraft({ changes, depth: Number(value) })}
          data={[...new Set([...DEPTHS, depth])]
            .sort((a, b) => a - b)
            .map((value) => ({ value: String(value), label: value === 1 ? "1 asset far" : `${value} assets far` }))}
        />
      </Group>
      <Button disabled={!ready} onClick={() => run(draft, params.get("scenario"))}>
        See what it does
      </Button>
      {isTooLong && (
        <Text size="xs" c="dimmed">
          Too long for a link: save it as a scenario to come back to it.
        </Text>
      )}
    </Stack>
  );
}

/** Another change, of the asset of the last one. */
function nextChange(changes: readonly DraftChange[]): DraftChange {
  const last = changes.at(-1);
  return { ...blankChange(last?.kind), namespace: last?.namespace ?? "", name: last?.name ?? "" };
}

interface OutcomeProps {
  asked: ImpactRequest | null;
  params: URLSearchParams;
  show: (values: Record<string, string | null | undefined>) => void;
  onCancel: () => void;
}

function OutcomeOf({ asked, params, show, onCancel }: OutcomeProps) {
  const found = useQuery({ ...impactQuery(asked ?? { changes: [], depth: 1 }), enabled: asked !== null });
  const other = useOther(params.get("compare"));
  if (!asked) {
    return (
      <EmptyState title="Nothing was asked yet">
        Choose an asset and what you mean to do to it. Every statement downstream is tried before and after: views,
        jobs, procedures, dbt models and dashboards. Nothing is changed by asking.
      </EmptyState>
    );
  }
  if (found.isError) return <ProblemNotice error={found.error} onRetry={found.refetch} />;
  if (!found.data) return <Waiting what="Trying every statement downstream" onCancel={onCancel} />;
  const verdict = VERDICTS.find((one) => one === params.get("verdict")) ?? null;
  return (
    <>
      {other && <Compared here={found.data} other={other} onClose={() => show({ compare: null })} />}
      <Outcome
        asked={asked}
        answer={found.data}
        verdict={verdict}
        open={params.get("open")}
        onShow={(shown: { verdict?: Verdict | null; open?: string | null }) => show(shown)}
      />
    </>
  );
}

function useOther(id: string | null): Scenario | null {
  const { data } = useQuery({ ...scenariosQuery, enabled: id !== null });
  return data?.find((scenario) => scenario.id === id) ?? null;
}
