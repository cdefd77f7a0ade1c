import { useEffect, useRef, useState } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { CARD_WIDTH, HEADER_HEIGHT, ROW_HEIGHT } from "../graph/shape";
import { toScreen } from "../graph/view";
import classes from "./Explorer.module.css";

interface Props {
  stage: Stage;
  card: string;
  onChange: (text: string) => void;
  onClose: () => void;
}

/** The input over an open card's filter row, which follows the card. */
export function ColumnFilter({ stage, card, onChange, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const filter = stage.scene.cards.get(card)?.shape.filter ?? "";
  const [text, setText] = useState(filter);
  useEffect(() => {
    const follow = () => placeInput(input.current, stage, card);
    follow();
    input.current?.focus({ preventScroll: true });
    return stage.subscribe(follow);
  }, [stage, card]);
  return (
    <input
      ref={input}
      className={classes.filter}
      aria-label="Find a column"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value);
      }}
      onBlur={onClose}
      onKeyDown={(event) => (event.key === "Escape" || event.key === "Enter") && onClose()}
    />
  );
}

function placeInput(input: HTMLInputElement | null, stage: Stage, id: string): void {
  const card = stage.scene.cards.get(id);
  if (!input || !card) return;
  const corner = toScreen(stage.view, { x: card.x + 10, y: card.y + HEADER_HEIGHT + 1 });
  const { scale } = stage.view;
  input.style.left = `${corner.x}px`;
  input.style.top = `${corner.y}px`;
  input.style.width = `${(CARD_WIDTH - 20) * scale}px`;
  input.style.height = `${(ROW_HEIGHT - 3) * scale}px`;
  input.style.fontSize = `${11 * scale}px`;
}
