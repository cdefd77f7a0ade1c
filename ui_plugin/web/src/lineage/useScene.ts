import { useEffect, useMemo, useRef, useState } from "react";
import type { Room } from "../graph/layout/bands";
import type { LayoutReply } from "../graph/layout/layout.worker";
import type { Layout, LayoutInput, Point } from "../graph/layout/types";
import type { GraphModel } from "../graph/model";
import { composeScene, EMPTY_SCENE, type Scene } from "../graph/scene";
import { CARD_WIDTH, cardsInOrder, type Display, type Shape, shapeOf } from "../graph/shape";

interface Draft {
  model: GraphModel;
  shapes: Map<string, Shape>;
}

/** Nothing hangs on the cards of a path in focus. */
const GAP_IN_FOCUS = 46;

/** Where the graph is shown, as far as that is known. */
export type RoomOf = () => Room | null;

/** Place the model's cards, off the page's thread; the first anchor that is there stays where it is on screen.
 *
 * A long path in focus is broken into bands that fill the room.
 */
export function useScene(
  model: GraphModel | null,
  display: Display,
  anchors: readonly string[],
  isFocus: boolean,
  roomOf: RoomOf,
): Scene {
  const [scene, setScene] = useState(EMPTY_SCENE);
  const draft = useMemo(() => (model ? draftOf(model, display) : null), [model, display]);
  const held = useRef(anchors);
  held.current = anchors;
  const requestLayout = useLayoutWorker();
  useEffect(() => {
    if (!draft) return undefined;
    return requestLayout(inputOf(draft, isFocus, roomOf), (layout) => {
      setScene((before) => composeScene(draft.model, draft.shapes, layout, shiftFor(before, layout, held.current)));
    });
  }, [draft, isFocus, roomOf, requestLayout]);
  return scene;
}

function draftOf(model: GraphModel, display: Display): Draft {
  const shapes = new Map(cardsInOrder(model.cards.values()).map((card) => [card.id, shapeOf(card, display)]));
  return { model, shapes };
}

function inputOf({ model, shapes }: Draft, isFocus: boolean, roomOf: RoomOf): LayoutInput {
  const room = isFocus ? roomOf() : null;
  return {
    boxes: [...shapes].map(([id, shape]) => ({ id, width: CARD_WIDTH, height: shape.height })),
    arcs: model.links.map(({ source, target }) => ({ source: source.card, target: target.card })),
    ...(isFocus && { gap: GAP_IN_FOCUS }),
    ...(room && { room }),
  };
}

function shiftFor(before: Scene, layout: Layout, anchors: readonly string[]): Point {
  for (const anchor of anchors) {
    const old = before.cards.get(anchor);
    const place = layout.places.find((one) => one.id === anchor);
    if (old && place) return { x: old.x - place.x, y: old.y - place.y };
  }
  return { x: 0, y: 0 };
}

type Request = (input: LayoutInput, onDone: (layout: Layout) => void) => () => void;

/** One worker for the life of the page, told what is on screen; an answer that came too late is dropped. */
function useLayoutWorker(): Request {
  const worker = useRef<Worker | null>(null);
  const latest = useRef(0);
  const shown = useRef<Layout | undefined>(undefined);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = null;
    },
    [],
  );
  return useMemo(
    () => (input, onDone) => {
      worker.current ??= new Worker(new URL("../graph/layout/layout.worker.ts", import.meta.url), { type: "module" });
      const current = worker.current;
      const id = ++latest.current;
      const onMessage = (message: MessageEvent<LayoutReply>) => {
        if (message.data.id !== id) return;
        shown.current = message.data.layout;
        onDone(message.data.layout);
      };
      current.addEventListener("message", onMessage);
      current.postMessage({ id, input, ...(shown.current && { before: shown.current }) });
      return () => current.removeEventListener("message", onMessage);
    },
    [],
  );
}
