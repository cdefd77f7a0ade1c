import { Table, type TableProps } from "@mantine/core";

/** A table that scrolls sideways by itself on a small or enlarged screen, so that the page does not. */
export function WideTable({ minWidth, ...table }: TableProps & { minWidth: number }) {
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table {...table} />
    </Table.ScrollContainer>
  );
}
