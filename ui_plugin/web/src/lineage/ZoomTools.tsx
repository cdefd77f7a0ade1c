import { ActionIcon } from "@mantine/core";
import { useSyncExternalStore } from "react";
import type { Stage } from "../graph/canvas/Stage";
import classes from "./Explorer.module.css";
import { zoomBy } from "./walk";

/** Zoom and fit for the mouse and touch; `+`, `-` and `0` do the same. */
export function ZoomTools({ stage }: { stage: Stage }) {
  const percent = useSyncExternalStore(stage.subscribe, () => Math.round(100 * stage.view.scale));
  const fullSize = `Zoom ${percent} %, show at full size`;
  return (
    <ActionIcon.Group orientation="vertical">
      <ActionIcon variant="default" aria-label="Zoom in" onClick={() => zoomBy(stage, 1.25)}>
        +
      </ActionIcon>
      <ActionIcon
        variant="default"
        className={classes.percent}
        aria-label={fullSize}
        title={fullSize}
        onClick={() => zoomBy(stage, 1 / stage.view.scale)}
      >
        {percent}%
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Zoom out" onClick={() => zoomBy(stage, 0.8)}>
        −
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Fit the whole graph" title="Fit" onClick={() => stage.fit()}>
        ⤢
      </ActionIcon>
    </ActionIcon.Group>
  );
}
