import { useEffect, useRef } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { PLACE, type Place, placeOf, readPlace, writePlace } from "./place";

const REST_MS = 400;

/** Keep the address telling which part of the graph is on screen, and give what it told at first.
 *
 * The address is changed without the router: nothing of what is shown follows from it.
 */
export function usePlace(stage: Stage | null, root: string, isKept: boolean): Place | null {
  const told = useRef<{ root: string; place: Place | null } | null>(null);
  if (told.current?.root !== root) told.current = { root, place: isKept ? readPlace(query()) : null };
  useEffect(() => {
    if (!stage || !isKept) return undefined;
    let timer = 0;
    const unsubscribe = stage.subscribe(() => {
      clearTimeout(timer);
      timer = window.setTimeout(() => write(stage, root), REST_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [stage, root, isKept]);
  return told.current.place;
}

function query(): URLSearchParams {
  return new URLSearchParams(location.search);
}

function write(stage: Stage, root: string): void {
  const place = placeOf(stage.scene, root, stage.view, stage.size);
  if (!place) return;
  const params = query();
  const told = params.get(PLACE);
  if (stage.isSteered) params.set(PLACE, writePlace(place));
  else params.delete(PLACE);
  if (params.get(PLACE) === told) return;
  history.replaceState(history.state, "", `${location.pathname}?${params}${location.hash}`);
}
