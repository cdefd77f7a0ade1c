import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Hit } from "../hit";
import type { Marks } from "../paint/marks";
import { readPalette } from "../paint/palette";
import type { Scene } from "../scene";
import classes from "./GraphCanvas.module.css";
import { Stage } from "./Stage";
import { usePointer } from "./usePointer";

interface Props {
  scene: Scene;
  marks: Marks;
  label: string;
  onHit: (hit: Hit | null) => void;
  onHover: (hit: Hit | null) => void;
  onOpen: (hit: Hit) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onReady: (stage: Stage | null) => void;
}

/** The graph on a canvas. Its list twin carries the same content for screen readers. */
export function GraphCanvas({ scene, marks, label, onHit, onHover, onOpen, onKeyDown, onReady }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useStage(canvas, marks, onReady);
  useEffect(() => stage?.show(scene), [stage, scene]);
  useEffect(() => stage?.mark(marks), [stage, marks]);
  const pointer = usePointer(stage, marks, { onHit, onHover, onOpen });
  return (
    <div
      className={classes.frame}
      role="application"
      aria-label={label}
      aria-roledescription="lineage graph"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk the graph.
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} className={classes.canvas} {...pointer} />
    </div>
  );
}

function useStage(canvas: React.RefObject<HTMLCanvasElement | null>, marks: Marks, onReady: Props["onReady"]) {
  const [stage, setStage] = useState<Stage | null>(null);
  const firstMarks = useRef(marks);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const created = new Stage(element, firstMarks.current, readPalette(element));
    const observer = new ResizeObserver(() => {
      const { width, height } = element.getBoundingClientRect();
      created.resize({ width, height });
    });
    observer.observe(element);
    created.resize(element.getBoundingClientRect());
    setStage(created);
    onReady(created);
    return () => {
      observer.disconnect();
      created.close();
      onReady(null);
    };
  }, [canvas, onReady]);
  useEffect(() => recolourWithPage(stage), [stage]);
  return stage;
}

function recolourWithPage(stage: Stage | null): (() => void) | undefined {
  if (!stage) return undefined;
  const root = document.documentElement;
  const observer = new MutationObserver(() => stage.recolour(readPalette(root)));
  observer.observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  return () => observer.disconnect();
}
