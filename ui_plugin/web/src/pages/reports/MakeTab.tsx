import { Anchor, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import { usePermission } from "../../api/usePermission";
import { LineageForm } from "./LineageForm";
import { PaperForm } from "./PaperForm";
import classes from "./ReportsPage.module.css";
import { REPORTS, type Report, reportOf } from "./reportKinds";

export interface ChoiceProps {
  params: URLSearchParams;
  onSet: (values: Record<string, string | null>) => void;
}

/** Choose a report, what it asks for and its form; it is saved as a file. */
export function MakeTab({ params, onSet }: ChoiceProps) {
  const mayGovern = usePermission("govern");
  const kinds = (Object.keys(REPORTS) as Report[]).filter((kind) => mayGovern || kind === "lineage");
  const wanted = reportOf(params.get("report"));
  const report = kinds.includes(wanted) ? wanted : "lineage";
  return (
    <div className={classes.columns}>
      <Stack gap="md">
        <fieldset className={classes.choices} aria-label="Which report">
          {kinds.map((kind) => (
            <button
              key={kind}
              type="button"
              className={classes.choice}
              aria-pressed={kind === report}
              onClick={() => onSet({ report: kind, format: null })}
            >
              <span className={classes.choiceTitle}>{REPORTS[kind].title}</span>
              <span className={classes.choiceTells}>{REPORTS[kind].tells}</span>
            </button>
          ))}
        </fieldset>
        {!mayGovern && (
          <Text size="sm" c="dimmed">
            Reports about personal data, the catalogue and adherence need the right to govern:{" "}
            <Anchor component={Link} to="/governance?tab=requests" size="sm" td="underline">
              ask for it
            </Anchor>
            .
          </Text>
        )}
        <Text size="sm" c="dimmed">
          What a change would break is exported from the{" "}
          <Anchor component={Link} to="/impact" size="sm" td="underline">
            impact page
          </Anchor>
          .
        </Text>
      </Stack>
      <Paper withBorder p="md">
        <Title order={2} size="h5" mb="sm">
          {REPORTS[report].title}
        </Title>
        {report === "lineage" ? (
          <LineageForm params={params} onSet={onSet} />
        ) : (
          <PaperForm key={report} report={report} params={params} onSet={onSet} />
        )}
      </Paper>
    </div>
  );
}
