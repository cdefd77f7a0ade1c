import { type PointerEvent, useEffect, useRef } from "react";
import { platformLook } from "../../platforms/platforms";
import { contextOf } from "../export";
import type { Marks } from "../paint/marks";
import { isCardLit } from "../paint/marks";
import { readPalette } from "../paint/palette";
import { CARD_WIDTH } from "../shape";
import { centreOn, fitView, toScreen, toWorld, type View, visibleBounds } from "../view";
import classes from "./Minimap.module.css";
import type { Stage } from "./Stage";

const SIZE = { width: 180, height: 112 };
const PADDING = 6;

/** The whole graph, small, with a frame round what is on screen; press or drag to go there. */
export function Minimap({ stage, marks }: { stage: Stage; marks: Marks }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => canvas.current && drawMinimap(canvas.current, stage, marks);
    draw();
    return stage.subscribe(draw);
  }, [stage, marks]);
  const go = (event: PointerEvent) => {
    if (event.buttons === 0) return;
    const at = { x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY };
    stage.look(centreOn(stage.view, toWorld(miniView(stage), at), stage.size));
  };
  return <canvas ref={canvas} className={classes.minimap} style={SIZE} onPointerDown={go} onPointerMove={go} />;
}

function miniView(stage: Stage): View {
  return fitView(stage.scene.bounds, SIZE, PADDING);
}

function drawMinimap(canvas: HTMLCanvasElement, stage: Stage, marks: Marks): void {
  const palette = readPalette(canvas);
  const context = contextOf(canvas);
  canvas.width = SIZE.width * devicePixelRatio;
  canvas.height = SIZE.height * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const view = miniView(stage);
  for (const { shape, x, y } of stage.scene.cards.values()) {
    const at = toScreen(view, { x, y });
    context.globalAlpha = isCardLit(marks, shape.card.id) ? 1 : 0.3;
    context.fillStyle = shape.card.kind === "hidden" ? palette.faint : platformLook(shape.card.platform).colour;
    context.fillRect(at.x, at.y, Math.max(2, CARD_WIDTH * view.scale), Math.max(1.5, shape.height * view.scale));
  }
  const seen = visibleBounds(stage.view, stage.size);
  const corner = toScreen(view, seen);
  context.globalAlpha = 1;
  context.strokeStyle = palette.lit;
  context.lineWidth = 1.5;
  context.strokeRect(corner.x, corner.y, seen.width * view.scale, seen.height * view.scale);
}
