import classes from "./ui.module.css";

const SIGNS = { well: "✓ works", wrong: "✗ wrong", unknown: "? unknown" } as const;

/** Whether something works, by sign, word and colour. */
export function StateSign({ state, children }: { state: keyof typeof SIGNS; children?: string }) {
  return <span className={`${classes.state} ${classes[state]}`}>{children ?? SIGNS[state]}</span>;
}
