import { Anchor, CopyButton } from "@mantine/core";
import { isAirflowPage, openAirflowPage } from "../app/airflowHost";
import { host } from "../app/host";

/** A link out of the product. Airflow's sandboxed frame opens no windows: a page of that Airflow takes the place of the
 * one round us, and any other address is copied. */
export function AwayLink({ href, children }: { href: string; children: string }) {
  if (!/^https?:\/\//.test(href)) return null;
  if (!host.isEmbedded) {
    return (
      <Anchor href={href} target="_blank" rel="noreferrer" size="sm">
        {children} ↗
      </Anchor>
    );
  }
  if (isAirflowPage(href)) {
    return (
      <Anchor component="button" type="button" size="sm" onClick={() => openAirflowPage(href)}>
        {children}
      </Anchor>
    );
  }
  return (
    <CopyButton value={href}>
      {({ copied, copy }) => (
        <Anchor component="button" type="button" size="sm" onClick={copy} title={href}>
          {copied ? "Address copied" : `${children} (copy address)`}
        </Anchor>
      )}
    </CopyButton>
  );
}
