/** Keeps a canvas up to date with a scene, its marks and the reader's view; paints at most once a frame. */
import { contextOf } from "../export";
import { type Viewport, wholeView } from "../fitting";
import type { Point } from "../layout/types";
import { CanvasPen } from "../paint/canvasPen";
import type { Marks } from "../paint/marks";
import { paintScene } from "../paint/paintScene";
import type { Palette } from "../paint/palette";
import { type Bounds, blendScenes, EMPTY_SCENE, type Scene } from "../scene";
import { NAMES_SCALE, type Size, toWorld, type View, visibleBounds } from "../view";
import { Snapshot } from "./Snapshot";

const MOVE_MS = 180;
const MOST_CARDS_TO_ANIMATE = 300;
/** From this many cards on, the graph moves as a picture and is painted again once it rests. */
const LEAST_CARDS_FOR_SNAPSHOT = 150;
const REST_MS = 120;

export class Stage {
  view: View = { x: 0, y: 0, scale: 1 };
  size: Size = { width: 1, height: 1 };
  /** Whether the reader chose what part is shown. */
  isSteered = false;
  /** What tools cover of the lower left corner. */
  corner: Size = { width: 0, height: 0 };
  private target: Scene = EMPTY_SCENE;
  private origin: Scene = EMPTY_SCENE;
  private movedAt = Number.NEGATIVE_INFINITY;
  private viewedAt = Number.NEGATIVE_INFINITY;
  private frame = 0;
  private restTimer = 0;
  private readonly snapshot = new Snapshot();
  private readonly listeners = new Set<() => void>();
  private readonly context: CanvasRenderingContext2D;

  constructor(
    readonly element: HTMLCanvasElement,
    private marks: Marks,
    private palette: Palette,
  ) {
    this.context = contextOf(element);
  }

  get scene(): Scene {
    return this.target;
  }

  get viewport(): Viewport {
    return { ...this.size, corner: this.corner };
  }

  /** Be told of each change of view, scene or size. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  show(scene: Scene): void {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches || scene.cards.size > MOST_CARDS_TO_ANIMATE;
    this.origin = this.current();
    this.target = scene;
    this.movedAt = isCalm || this.origin.cards.size === 0 ? Number.NEGATIVE_INFINITY : performance.now();
    this.changed();
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.changed();
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.changed();
  }

  resize(size: Size): void {
    const ratio = devicePixelRatio;
    this.size = size;
    this.element.width = Math.round(size.width * ratio);
    this.element.height = Math.round(size.height * ratio);
    this.changed();
  }

  look(view: View): void {
    this.isSteered = true;
    this.turn(view);
  }

  /** Show a part that follows from the graph alone. */
  open(view: View): void {
    this.isSteered = false;
    this.turn(view);
  }

  fit(): void {
    this.open(wholeView(this.target, this.viewport));
  }

  worldAt(screen: Point): Point {
    return toWorld(this.view, screen);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
    this.listeners.clear();
  }

  private turn(view: View): void {
    this.view = view;
    this.viewedAt = performance.now();
    clearTimeout(this.restTimer);
    this.restTimer = window.setTimeout(() => this.request(), REST_MS);
    this.notify();
    this.request();
  }

  private changed(): void {
    this.snapshot.forget();
    this.notify();
    this.request();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }

  private request(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private current(): Scene {
    return blendScenes(this.origin, this.target, ease((performance.now() - this.movedAt) / MOVE_MS));
  }

  private paint(): void {
    this.frame = 0;
    const isMoving = performance.now() - this.viewedAt < REST_MS;
    const isLarge = this.target.cards.size >= LEAST_CARDS_FOR_SNAPSHOT;
    const isBlending = performance.now() - this.movedAt < MOVE_MS;
    if (isMoving && isLarge && !isBlending) {
      this.paste();
      return;
    }
    this.paintOn(this.context, this.view, visibleBounds(this.view, this.size));
    if (isBlending) this.request();
  }

  private paste(): void {
    clear(this.context, this.palette.background);
    this.snapshot.paste(this.context, this.view, this.size, devicePixelRatio, this.paintOn);
  }

  private paintOn = (context: CanvasRenderingContext2D, { x, y, scale }: View, seen: Bounds): void => {
    const ratio = devicePixelRatio;
    clear(context, this.palette.background);
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    const pen = new CanvasPen(context, scale < NAMES_SCALE);
    paintScene(pen, this.current(), this.marks, this.palette, scale, seen);
  };
}

function clear(context: CanvasRenderingContext2D, colour: string): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

function ease(share: number): number {
  return share >= 1 ? 1 : 1 - (1 - Math.max(0, share)) ** 3;
}
