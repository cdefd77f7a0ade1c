import type { QualityDay } from "../api/types";
import { plural } from "../ui/format";
import classes from "./Trend.module.css";

/** Results of checks by day: failed ones stand on passed ones. */
export function PassedDays({ days }: { days: readonly QualityDay[] }) {
  const most = Math.max(1, ...days.map(({ passed, failed }) => passed + failed));
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  const share = (count: number) => `${(100 * count) / most}%`;
  return (
    <div
      className={classes.days}
      role="img"
      aria-label={`Results of ${plural(days.length, "day")}: ${plural(failed, "failure")} in all`}
    >
      {days.map((day) => (
        <div key={day.day} className={classes.day} title={`${day.day}: ${day.passed} passed, ${day.failed} failed`}>
          <span className={classes.failed} style={{ height: share(day.failed) }} />
          <span className={classes.passed} style={{ height: share(day.passed) }} />
        </div>
      ))}
    </div>
  );
}
