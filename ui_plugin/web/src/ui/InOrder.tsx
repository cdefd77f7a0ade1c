import { Stack, type StackProps } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import classes from "./ui.module.css";

const SKELETON = ".mantine-Skeleton-root";

/**
 * Parts of a page that show from the top down: what stands below one that still has a skeleton stays hidden, so that
 * nothing moves once it is seen, in whichever order answers come.
 */
export function InOrder(props: StackProps) {
  const stack = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (stack.current ? keptInOrder(stack.current) : undefined), []);
  return <Stack {...props} ref={stack} className={classes.inOrder ?? ""} />;
}

/**
 * Marks the parts that wait for one above, before each paint. A style rule with `:has()` could say the same, but
 * Chromium 156 leaves what it hid hidden at times after the skeleton is gone.
 */
function keptInOrder(stack: Element): () => void {
  const mark = () => {
    let waits = false;
    for (const part of stack.children) {
      part.toggleAttribute("data-waits", waits);
      waits ||= part.matches(SKELETON) || part.querySelector(SKELETON) !== null;
    }
  };
  mark();
  const changes = new MutationObserver(mark);
  changes.observe(stack, { childList: true, subtree: true });
  return () => changes.disconnect();
}
