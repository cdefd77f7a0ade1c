/** Runs the layout off the page's thread: takes `{ id, input, before }`, answers `{ id, layout }`. */
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
  const reply: LayoutReply = { id: message.data.id, layout: layOut(message.data.input, message.data.before) };
  self.postMessage(reply);
};
