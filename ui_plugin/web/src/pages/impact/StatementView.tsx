import { Button, CopyButton, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import type { ImpactAsset } from "../../api/types";
import { diffOf } from "../../impact/diff";
import classes from "./ImpactPage.module.css";

/** The statement with the place that the verdict is about, and the text that would do as before. */
export function StatementView({ asset }: { asset: ImpactAsset }) {
  const { statement, patch } = asset;
  if (statement === null) {
    return (
      <Text size="sm" c="dimmed">
        No statement is shown: none is known, or it names assets that you may not see.
      </Text>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long statement scrolls by keyboard. */}
      <section className={classes.statement} tabIndex={0} aria-label="Statement">
        <Marked asset={asset} statement={statement} />
      </section>
      {patch !== null && <Patch statement={statement} patch={patch} />}
    </>
  );
}

/** Places count characters, not the browser's code units. */
function Marked({ asset: { start, end }, statement }: { asset: ImpactAsset; statement: string }) {
  if (start === null || end === null) return <code>{statement}</code>;
  const letters = [...statement];
  return (
    <code>
      {letters.slice(0, start).join("")}
      <mark className={classes.place}>{letters.slice(start, end).join("")}</mark>
      {letters.slice(end).join("")}
    </code>
  );
}

function Patch({ statement, patch }: { statement: string; patch: string }) {
  const pieces = useMemo(() => diffOf(statement, patch), [statement, patch]);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          This text does as before
        </Text>
        <CopyButton value={patch}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy the text"}
            </Button>
          )}
        </CopyButton>
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long statement scrolls by keyboard. */}
      <section className={classes.statement} tabIndex={0} aria-label="What the patch changes">
        <code>
          {pieces.map(({ kind, text }, index) => {
            const key = `${index} ${kind}`;
            if (kind === "same") return <span key={key}>{text}</span>;
            if (kind === "added") {
              return (
                <ins key={key} className={classes.added}>
                  {text}
                </ins>
              );
            }
            return (
              <del key={key} className={classes.removed}>
                {text}
              </del>
            );
          })}
        </code>
      </section>
    </>
  );
}
