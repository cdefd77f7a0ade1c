import { useEffect, useRef } from "react";
import type { Stage } from "../graph/canvas/Stage";
import type { Scene } from "../graph/scene";
import { CARD_WIDTH } from "../graph/shape";
import { centreOn, fitView } from "../graph/view";

/** Below this the first look shows the asked card close up, and not the whole. */
const LEAST_FIRST_SCALE = 0.3;
const CLOSE_UP = 0.75;

/** Look at the whole graph when it first appears and when focus begins or ends; afterwards the reader steers. */
export function useFirstLook(stage: Stage | null, scene: Scene, occasion: string, root: string): void {
  const done = useRef<string | null>(null);
  const shown = useRef(scene);
  useEffect(() => {
    const isNewScene = shown.current !== scene;
    shown.current = scene;
    if (!stage || scene.cards.size === 0 || done.current === occasion) return;
    if (done.current !== null && !isNewScene) return;
    done.current = occasion;
    const whole = fitView(scene.bounds, stage.size);
    const card = scene.cards.get(root);
    if (whole.scale >= LEAST_FIRST_SCALE || !card) return stage.look(whole);
    const middle = { x: card.x + CARD_WIDTH / 2, y: card.y + card.shape.height / 2 };
    stage.look(centreOn({ ...whole, scale: CLOSE_UP }, middle, stage.size));
  }, [stage, scene, occasion, root]);
}
