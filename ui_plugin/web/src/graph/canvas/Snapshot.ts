import { contextOf } from "../export";
import type { Bounds } from "../scene";
import { type Size, type View, visibleBounds } from "../view";

/** How far a picture reaches beyond what is on screen, as a share of the screen, each way; less on finer screens. */
const MARGIN = 0.5;
/** A picture that is stretched further than this is painted again. */
const MOST_ZOOM = 1.8;

type Painter = (context: CanvasRenderingContext2D, view: View, seen: Bounds) => void;

/** A picture of more than is on screen, pasted moved and scaled while the reader moves over a large overview. */
export class Snapshot {
  private readonly picture = document.createElement("canvas");
  private view: View | null = null;
  private size: Size = { width: 0, height: 0 };

  forget(): void {
    this.view = null;
  }

  /** Paste the picture; it is painted first where there is none that shows all of the view. */
  paste(context: CanvasRenderingContext2D, view: View, size: Size, ratio: number, paint: Painter): void {
    if (!this.covers(view, size)) this.take(view, size, ratio, paint);
    if (!this.view) return;
    const zoom = view.scale / this.view.scale;
    const x = (view.x - this.view.x * zoom) * ratio;
    const y = (view.y - this.view.y * zoom) * ratio;
    context.drawImage(this.picture, x, y, this.picture.width * zoom, this.picture.height * zoom);
  }

  private take(view: View, size: Size, ratio: number, paint: Painter): void {
    const share = MARGIN / ratio;
    const margin = { x: Math.round(size.width * share), y: Math.round(size.height * share) };
    this.size = { width: size.width + 2 * margin.x, height: size.height + 2 * margin.y };
    this.picture.width = Math.round(this.size.width * ratio);
    this.picture.height = Math.round(this.size.height * ratio);
    const shifted = { scale: view.scale, x: view.x + margin.x, y: view.y + margin.y };
    paint(contextOf(this.picture), shifted, visibleBounds(shifted, this.size));
    this.view = shifted;
  }

  private covers(view: View, size: Size): boolean {
    if (!this.view) return false;
    const zoom = view.scale / this.view.scale;
    if (zoom > MOST_ZOOM || zoom < 1 / MOST_ZOOM) return false;
    const [held, wanted] = [visibleBounds(this.view, this.size), visibleBounds(view, size)];
    const isWide = held.x <= wanted.x && held.x + held.width >= wanted.x + wanted.width;
    return isWide && held.y <= wanted.y && held.y + held.height >= wanted.y + wanted.height;
  }
}
