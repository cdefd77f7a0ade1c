import { contextOf } from "../export";
import type { View } from "../view";

/** The last painted picture, pasted moved and scaled while the reader pans over a large overview. */
export class Snapshot {
  private readonly picture = document.createElement("canvas");
  private view: View | null = null;

  forget(): void {
    this.view = null;
  }

  take(canvas: HTMLCanvasElement, view: View): void {
    this.picture.width = canvas.width;
    this.picture.height = canvas.height;
    contextOf(this.picture).drawImage(canvas, 0, 0);
    this.view = view;
  }

  /** Whether there was a picture to paste. */
  paste(context: CanvasRenderingContext2D, view: View, ratio: number): boolean {
    if (!this.view) return false;
    const zoom = view.scale / this.view.scale;
    const x = (view.x - this.view.x * zoom) * ratio;
    const y = (view.y - this.view.y * zoom) * ratio;
    context.drawImage(this.picture, x, y, this.picture.width * zoom, this.picture.height * zoom);
    return true;
  }
}
