import { type PointerEvent, useState } from "react";
import { formatHour, formatTime } from "../ui/format";
import { areaOf, lineOf, nearest, type Point } from "./shape";
import classes from "./Trend.module.css";

interface Props {
  /** What is counted, as a heading. */
  label: string;
  points: readonly Point[];
  /** A value as it is read: "12", "83 %", "3 h". */
  write: (value: number) => string;
  /** Where the axis ends, as 100 for shares. */
  most?: number;
  /** Draws it as something to worry about. */
  isBad?: boolean;
  height?: number;
}

const WIDTH = 240;

/** One figure over time: the line, and the value under the pointer; words say the same. */
export function Trend({ label, points, write, most, isBad = false, height = 44 }: Props) {
  const [pointed, setPointed] = useState<Point | null>(null);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return <div className={classes.none} />;
  if (points.length < 2) return <Begun at={first.at} height={height} />;
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(nearest(points, (event.clientX - box.left) / box.width));
  };
  const timeOf = timesFor(first.at, last.at);
  const words = `${label}: from ${write(first.value)} on ${timeOf(first.at)} to ${write(last.value)} on ${timeOf(last.at)}`;
  return (
    <div className={classes.trend} data-bad={isBad}>
      <svg
        viewBox={`0 -2 ${WIDTH} ${height + 4}`}
        preserveAspectRatio="none"
        height={height}
        width="100%"
        role="img"
        aria-label={words}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        <path d={areaOf(points, WIDTH, height, most)} className={classes.area} />
        <path d={lineOf(points, WIDTH, height, most)} className={classes.line} />
      </svg>
      <div className={classes.foot} aria-hidden="true">
        {pointed ? (
          <span>
            {write(pointed.value)}, {formatTime(new Date(pointed.at).toISOString())}
          </span>
        ) : (
          <>
            <span>{timeOf(first.at)}</span>
            <span>{timeOf(last.at)}</span>
          </>
        )}
      </div>
    </div>
  );
}

/** The first sample: the course begins with it. */
function Begun({ at, height }: { at: number; height: number }) {
  return (
    <div className={classes.trend}>
      <svg
        viewBox={`0 -2 ${WIDTH} ${height + 4}`}
        preserveAspectRatio="none"
        height={height}
        width="100%"
        aria-hidden="true"
      >
        <path d={`M0 ${height / 2}H${WIDTH}`} className={classes.begun} />
      </svg>
      <div className={classes.foot}>Since {formatHour(new Date(at).toISOString())}</div>
    </div>
  );
}

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const HOUR = new Intl.DateTimeFormat("en", { timeStyle: "short", hourCycle: "h23", timeZone: "UTC" });

/** How times of a span are written: its days, or the hours of its only day. */
function timesFor(first: number, last: number): (at: number) => string {
  const isOneDay = DAY.format(first) === DAY.format(last);
  return (at) => (isOneDay ? HOUR : DAY).format(at);
}
