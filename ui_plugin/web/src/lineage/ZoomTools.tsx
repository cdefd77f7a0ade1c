import { ActionIcon } from "@mantine/core";
import type { Stage } from "../graph/canvas/Stage";
import { zoomBy } from "./walk";

/** Zoom and fit for the mouse and touch; `+`, `-` and `0` do the same. */
export function ZoomTools({ stage }: { stage: Stage }) {
  return (
    <ActionIcon.Group orientation="vertical">
      <ActionIcon variant="default" aria-label="Zoom in" onClick={() => zoomBy(stage, 1.25)}>
        +
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
