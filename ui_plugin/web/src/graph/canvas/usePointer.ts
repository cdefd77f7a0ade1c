import { type MouseEvent, type PointerEvent, useCallback, useEffect, useRef } from "react";
import { type Hit, hitTest, MOST_CURVES_TO_HOVER } from "../hit";
import type { Point } from "../layout/types";
import type { Marks } from "../paint/marks";
import { zoomAt } from "../view";
import type { Stage } from "./Stage";

const CLICK_SLOP = 4;
const CURVE_SLACK = 7;
const WHEEL_SPEED = 0.0016;

interface Handlers {
  onHit: (hit: Hit | null) => void;
  onHover: (hit: Hit | null) => void;
  onOpen: (hit: Hit) => void;
}

interface Drag {
  start: Point;
  last: Point;
  isPan: boolean;
}

/** Drag pans, wheel zooms, click hits, double-click opens. */
export function usePointer(stage: Stage | null, marks: Marks, { onHit, onHover, onOpen }: Handlers) {
  const drag = useRef<Drag | null>(null);
  useWheel(stage);
  const hitAt = useCallback(
    (at: Point) => stage && hitTest(stage.scene, marks, stage.worldAt(at), CURVE_SLACK / stage.view.scale),
    [stage, marks],
  );
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    drag.current = { start: pointOf(event), last: pointOf(event), isPan: false };
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const at = pointOf(event);
    if (drag.current) return pan(stage, drag.current, at, event);
    if (stage && stage.scene.curves.length > MOST_CURVES_TO_HOVER) return undefined;
    const hit = hitAt(at);
    event.currentTarget.dataset.over = String(hit !== null);
    return onHover(hit);
  };
  const onPointerUp = (event: PointerEvent) => {
    const isClick = drag.current !== null && !drag.current.isPan;
    drag.current = null;
    if (isClick) onHit(hitAt(pointOf(event)));
  };
  const onDoubleClick = (event: MouseEvent) => {
    const hit = hitAt(pointOf(event));
    if (hit) onOpen(hit);
  };
  const onPointerLeave = () => onHover(null);
  return { onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onDoubleClick };
}

function pointOf(event: MouseEvent): Point {
  return { x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY };
}

function pan(stage: Stage | null, drag: Drag, at: Point, event: PointerEvent<HTMLElement>): void {
  if (!drag.isPan) {
    if (Math.hypot(at.x - drag.start.x, at.y - drag.start.y) < CLICK_SLOP) return;
    drag.isPan = true;
    event.currentTarget.setPointerCapture(event.pointerId);
  }
  const view = stage?.view;
  if (view) stage.look({ ...view, x: view.x + at.x - drag.last.x, y: view.y + at.y - drag.last.y });
  drag.last = at;
}

/** React's wheel handlers are passive and could not keep the page from scrolling. */
function useWheel(stage: Stage | null): void {
  useEffect(() => {
    const element = stage?.element;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view } = stage;
      if (event.shiftKey) return stage.look({ ...view, x: view.x - event.deltaY - event.deltaX });
      const factor = Math.exp(-event.deltaY * WHEEL_SPEED * (event.ctrlKey ? 4 : 1));
      return stage.look(zoomAt(view, { x: event.offsetX, y: event.offsetY }, factor));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [stage]);
}
