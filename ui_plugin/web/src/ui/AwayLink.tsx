import { Anchor, CopyButton } from "@mantine/core";
import { host } from "../app/host";

/** A link out of the product. A sandboxed frame opens no windows: there the address is copied instead. */
export function AwayLink({ href, children }: { href: string; children: string }) {
  if (!/^https?:\/\//.test(href)) return null;
  if (!host.isEmbedded) {
    return (
      <Anchor href={href} target="_blank" rel="noreferrer" size="sm">
        {children} ↗
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
