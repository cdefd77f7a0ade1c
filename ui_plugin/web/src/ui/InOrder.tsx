import { Stack, type StackProps } from "@mantine/core";
import classes from "./ui.module.css";

/**
 * Parts of a page that show from the top down: what stands below one that still has a skeleton stays hidden, so that
 * nothing moves once it is seen, in whichever order answers come.
 */
export function InOrder(props: StackProps) {
  return <Stack {...props} className={classes.inOrder ?? ""} />;
}
