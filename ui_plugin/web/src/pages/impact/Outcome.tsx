import { Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { ImpactAnswer, ImpactRequest, Verdict } from "../../api/types";
import { countsOf, VERDICT_WORDS, VERDICTS } from "../../impact/answer";
import { type FileForm, impactFile } from "../../impact/files";
import { download } from "../../ui/files";
import { formatNumber } from "../../ui/format";
import { EmptyState } from "../../ui/Notice";
import { AffectedAsset } from "./AffectedAsset";
import classes from "./ImpactPage.module.css";
import { People } from "./People";

interface Props {
  asked: ImpactRequest;
  answer: ImpactAnswer;
  /** The verdict that alone is shown, and the asset that is open; both lie in the URL. */
  verdict: Verdict | null;
  open: string | null;
  onShow: (shown: { verdict?: Verdict | null; open?: string | null }) => void;
}

const PAGE = 100;

/** What the changes do: numbers that filter, whom to tell, and each asset. */
export function Outcome({ asked, answer, verdict, open, onShow }: Props) {
  const [count, setCount] = useState(PAGE);
  const found = answer.assets.filter((asset) => verdict === null || asset.verdict === verdict);
  if (answer.assets.length === 0) {
    return (
      <EmptyState title="Nothing is reached">
        {answer.hidden
          ? "What it reaches is hidden from you."
          : "As far as lineage tells, nothing downstream uses what changes."}
      </EmptyState>
    );
  }
  return (
    <Stack gap="md">
      <Verdicts answer={answer} chosen={verdict} onChoose={(next) => onShow({ verdict: next })} />
      <Limits answer={answer} />
      <People assets={answer.assets} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {verdict ? `${VERDICT_WORDS[verdict].means}` : "The worst and most used first."}
        </Text>
        <Save asked={asked} answer={answer} />
      </Group>
      <ul className={classes.list} aria-label="Assets that the changes reach">
        {found.slice(0, count).map((asset) => (
          <AffectedAsset
            key={asset.id}
            asset={asset}
            isOpen={asset.id === open}
            onToggle={() => onShow({ open: asset.id === open ? null : asset.id })}
          />
        ))}
      </ul>
      {found.length > count && (
        <Button variant="default" onClick={() => setCount(count + PAGE)}>
          Show more of {formatNumber(found.length)}
        </Button>
      )}
    </Stack>
  );
}

interface VerdictsProps {
  answer: ImpactAnswer;
  chosen: Verdict | null;
  onChoose: (verdict: Verdict | null) => void;
}

function Verdicts({ answer, chosen, onChoose }: VerdictsProps) {
  const counts = countsOf(answer.assets);
  return (
    <fieldset className={classes.verdicts} style={{ border: 0, margin: 0, padding: 0 }} aria-label="Verdicts">
      {VERDICTS.map((verdict) => (
        <button
          key={verdict}
          type="button"
          className={`${classes.verdict} ${classes[verdict]}`}
          aria-pressed={verdict === chosen}
          disabled={counts[verdict] === 0}
          title={VERDICT_WORDS[verdict].means}
          onClick={() => onChoose(verdict === chosen ? null : verdict)}
        >
          <span className={classes.count}>{formatNumber(counts[verdict])}</span>
          {VERDICT_WORDS[verdict].label}
        </button>
      ))}
    </fieldset>
  );
}

function Limits({ answer: { hidden, truncated } }: { answer: ImpactAnswer }) {
  if (!hidden && !truncated) return null;
  return (
    <Text size="sm">
      {hidden && "More lies downstream that you may not see. "}
      {truncated && "Not all that lies downstream was followed: there is too much of it."}
    </Text>
  );
}

function Save({ asked, answer }: { asked: ImpactRequest; answer: ImpactAnswer }) {
  const save = (form: FileForm) => download(`impact.${form}`, impactFile(form, asked, answer));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default">
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save("md")}>For a pull request (Markdown)</Menu.Item>
        <Menu.Item onClick={() => save("csv")}>Table (CSV)</Menu.Item>
        <Menu.Item onClick={() => save("json")}>For programs (JSON)</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
