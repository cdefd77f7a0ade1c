import { Table, type TableProps } from "@mantine/core";

/** Keys scroll what can be focused: a table may hold nothing else that can. */
const FOCUSABLE = { viewportProps: { tabIndex: 0 } };

/** A table that scrolls sideways by itself on a small or enlarged screen, so that the page does not. */
export function WideTable({ minWidth, ...table }: TableProps & { minWidth: number }) {
  return (
    <Table.ScrollContainer minWidth={minWidth} scrollAreaProps={FOCUSABLE}>
      <Table {...table} />
    </Table.ScrollContainer>
  );
}
