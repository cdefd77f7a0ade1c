import { useEffect, useRef } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { openingView, type Viewport } from "../graph/fitting";
import type { Scene } from "../graph/scene";
import type { View } from "../graph/view";
import { aroundPlace, type Place } from "./place";

/** Cards without columns tell what they are at this scale. */
const LEAST_SCALE_OF_CARDS = 0.3;
/** Columns have names that can be read from this scale on. */
export const LEAST_SCALE_OF_COLUMNS = 0.6;

interface Look {
  /** What the first look is taken at; another one is taken when it changes. */
  occasion: string;
  /** The cards that must be in sight: the chosen one, else where the graph starts. */
  anchors: readonly string[];
  /** Where the reader had the graph when the link was copied. */
  place: Place | null;
}

/** Look at the graph when it first appears and when focus begins or ends; afterwards the reader steers. */
export function useFirstLook(stage: Stage | null, scene: Scene, { occasion, anchors, place }: Look): void {
  const done = useRef<string | null>(null);
  const shown = useRef(scene);
  useEffect(() => {
    const isNewScene = shown.current !== scene;
    shown.current = scene;
    if (!stage || scene.cards.size === 0 || done.current === occasion) return;
    if (done.current !== null && !isNewScene) return;
    const isFirst = done.current === null;
    done.current = occasion;
    const placed = isFirst && place ? aroundPlace(scene, anchors.at(-1) ?? "", place, stage.size) : null;
    if (placed) stage.look(placed);
    else stage.open(firstView(scene, anchors, stage.viewport));
  }, [stage, scene, occasion, anchors, place]);
}

/** The whole graph where its names can be read then, else the part of it round the first anchor that is there. */
export function firstView(scene: Scene, anchors: readonly string[], viewport: Viewport): View {
  const hasColumns = [...scene.cards.values()].some(({ shape }) => shape.columns.length > 0);
  return openingView(scene, anchors, hasColumns ? LEAST_SCALE_OF_COLUMNS : LEAST_SCALE_OF_CARDS, viewport);
}
