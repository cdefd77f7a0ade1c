/** Runs the layout off the page's thread: takes `{ id, input, before }`, answers `{ id, layout }`. */
import { inBands } from "./bands";
import { layOut } from "./layered";
import type { Layout, LayoutInput } from "./types";

export interface LayoutRequest {
  id: number;
  input: LayoutInput;
  /** The layout on screen. */
  before?: Layout;
}

export interface LayoutReply {
  id: number;
  layout: Layout;
}

self.onmessage = (message: MessageEvent<LayoutRequest>) => {
  const { id, input, before } = message.data;
  const layout = layOut(input, before);
  const reply: LayoutReply = { id, layout: input.room ? inBands(layout, input, input.room) : layout };
  self.postMessage(reply);
};
