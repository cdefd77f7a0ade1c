import { SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { activitiesQuery, makeReport, type ReportKind, type ReportQuery } from "../../api/reports";
import { MakeButton } from "./MakeButton";
import type { ChoiceProps } from "./MakeTab";
import { type Form, fileName, formOf, REPORTS } from "./reportKinds";
import { useMaking } from "./useMaking";

const SPANS = ["7", "30", "90", "365"];
export const USUAL_DAYS = "90";

/** What a report for compliance or stewards asks for. */
export function PaperForm({ report, params, onSet }: ChoiceProps & { report: ReportKind }) {
  const form = formOf(params.get("format"), report);
  const identifier = params.get("identifier") ?? "";
  const asksIdentifier = REPORTS[report].asks === "identifier";
  const { making, stop } = useMaking();
  const query = { format: form as "pdf" | "csv" | "json", ...asked(report, params) };
  const make = () =>
    making.mutate({ file: fileName(report, form), make: (signal) => makeReport(report, query, signal) });
  return (
    <Stack gap="sm">
      <Asked report={report} params={params} onSet={onSet} />
      <FormChoice forms={REPORTS[report].forms} value={form} onSet={onSet} />
      <MakeButton {...{ making, stop }} isReady={!asksIdentifier || identifier !== ""} onMake={make} />
    </Stack>
  );
}

function asked(report: ReportKind, params: URLSearchParams): ReportQuery {
  const { asks } = REPORTS[report];
  if (asks === "days") return { days: Number(params.get("days") ?? USUAL_DAYS) };
  return asks === "identifier" ? { identifier: params.get("identifier") ?? "" } : {};
}

/** The part that one kind asks for; nothing for most. */
export function Asked({ report, params, onSet }: ChoiceProps & { report: ReportKind }) {
  const { asks } = REPORTS[report];
  if (asks === "days") {
    return (
      <Select
        label="Of the last"
        w={160}
        allowDeselect={false}
        value={params.get("days") ?? USUAL_DAYS}
        onChange={(days) => onSet({ days: days === USUAL_DAYS ? null : days })}
        data={SPANS.map((value) => ({ value, label: `${value} days` }))}
      />
    );
  }
  return asks === "identifier" ? <Identifier value={params.get("identifier") ?? ""} onSet={onSet} /> : null;
}

/** The kinds of identifiers that processing activities declare. */
function Identifier({ value, onSet }: { value: string; onSet: ChoiceProps["onSet"] }) {
  const activities = useQuery(activitiesQuery);
  const kinds = new Set(activities.data?.flatMap((one) => one.activity?.identifiers ?? []).map(({ kind }) => kind));
  return (
    <>
      <TextInput
        label="Kind of identifier"
        placeholder="email"
        list="identifier-kinds"
        value={value}
        onChange={(event) => onSet({ identifier: event.currentTarget.value })}
      />
      <datalist id="identifier-kinds">
        {[...kinds].map((kind) => (
          <option key={kind} value={kind} />
        ))}
      </datalist>
      <Text size="xs" c="dimmed">
        {activities.isSuccess && kinds.size === 0
          ? "No processing activity declares an identifier yet: record one first."
          : "The value itself is never sent: the statements hold :identifier in its place."}
      </Text>
    </>
  );
}

interface FormChoiceProps {
  forms: readonly Form[];
  value: Form;
  onSet: ChoiceProps["onSet"];
}

export function FormChoice({ forms, value, onSet }: FormChoiceProps) {
  return (
    <div>
      <SegmentedControl
        size="xs"
        aria-label="Format"
        value={value}
        onChange={(format) => onSet({ format: format === forms[0] ? null : format })}
        data={forms.map((form) => ({ value: form, label: form.toUpperCase() }))}
      />
    </div>
  );
}
