import { platformLook } from "../platforms/platforms";
import classes from "./ui.module.css";

/** A platform's colour and name. */
export function PlatformBadge({ platform }: { platform: string }) {
  const look = platformLook(platform);
  return (
    <span className={classes.platform}>
      <span className={classes.platformDot} style={{ background: look.colour }} />
      {look.title}
    </span>
  );
}
