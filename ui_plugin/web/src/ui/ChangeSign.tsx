import { CHANGE_SIGNS, type Change } from "../graph/change";
import classes from "../lineage/Explorer.module.css";

/** What happened between two times, by sign, colour and word. */
export function ChangeSign({ change }: { change: Change }) {
  return (
    <span className={`${classes.sign} ${classes[change]}`}>
      {CHANGE_SIGNS[change]} {change}{" "}
    </span>
  );
}
