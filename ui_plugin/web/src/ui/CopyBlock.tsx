import { Button, CopyButton } from "@mantine/core";
import { Sql } from "./Sql";
import classes from "./ui.module.css";

/** Text to copy; SQL is highlighted. */
export function CopyBlock({ text, isSql = false, label }: { text: string; isSql?: boolean; label: string }) {
  return (
    <div className={classes.copy}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long code scrolls by keyboard. */}
      <section className={classes.code} tabIndex={0} aria-label={label}>
        {isSql ? <Sql text={text} /> : text}
      </section>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button className={classes.copyButton} size="compact-xs" variant="default" onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
