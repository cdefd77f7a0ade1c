/** Colours of the canvas, read from the same tokens as the page's. */

export interface Palette {
  background: string;
  card: string;
  row: string;
  border: string;
  text: string;
  faint: string;
  edge: string;
  columnEdge: string;
  lit: string;
  litSoft: string;
  warning: string;
  added: string;
  removed: string;
  changed: string;
  pii: string;
  piiSoft: string;
  confidential: string;
  confidentialSoft: string;
  impact: string;
  impactSoft: string;
}

const TOKENS: Record<keyof Palette, string> = {
  background: "--nx-graph-background",
  card: "--nx-graph-card",
  row: "--nx-graph-row",
  border: "--nx-graph-border",
  text: "--nx-graph-text",
  faint: "--nx-graph-faint",
  edge: "--nx-graph-edge",
  columnEdge: "--nx-graph-column-edge",
  lit: "--nx-graph-lit",
  litSoft: "--nx-graph-lit-soft",
  warning: "--nx-graph-warning",
  added: "--nx-graph-added",
  removed: "--nx-graph-removed",
  changed: "--nx-graph-changed",
  pii: "--nx-graph-pii",
  piiSoft: "--nx-graph-pii-soft",
  confidential: "--nx-graph-confidential",
  confidentialSoft: "--nx-graph-confidential-soft",
  impact: "--nx-graph-impact",
  impactSoft: "--nx-graph-impact-soft",
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const entries = Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]);
  return Object.fromEntries(entries) as Record<keyof Palette, string>;
}
