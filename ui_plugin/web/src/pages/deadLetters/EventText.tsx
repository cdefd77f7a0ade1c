import { Text } from "@mantine/core";
import classes from "../../ui/ui.module.css";
import { lineAt, spanOf } from "./place";

interface Props {
  event: Record<string, unknown>;
  /** The JSON path of what is wrong, if the reason names one. */
  path: string | null;
}

/** An event as indented JSON; the place of the error is marked, and told in words. */
export function EventText({ event, path }: Props) {
  const text = JSON.stringify(event, null, 2);
  const span = path === null ? null : spanOf(event, path);
  return (
    <>
      {span && (
        <Text size="sm" mb={4}>
          {path} is marked, in line {lineAt(text, span[0]).line}.
        </Text>
      )}
      {path !== null && !span && (
        <Text size="sm" mb={4}>
          {path} is missing.
        </Text>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls by keyboard. */}
      <section className={classes.code} tabIndex={0} aria-label="The event">
        {span ? (
          <>
            {text.slice(0, span[0])}
            <mark className={classes.errorPlace}>{text.slice(...span)}</mark>
            {text.slice(span[1])}
          </>
        ) : (
          text
        )}
      </section>
    </>
  );
}
