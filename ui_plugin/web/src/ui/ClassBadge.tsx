import { Badge, type BadgeProps } from "@mantine/core";

const COLOURS: Record<string, string> = { PII: "red", Public: "gray" };

interface Props {
  classification: string | null | undefined;
  size?: NonNullable<BadgeProps["size"]>;
}

/** The class of a dataset or column, which somebody decided or which follows from lineage; nothing while it is unknown. */
export function ClassBadge({ classification, size = "md" }: Props) {
  if (!classification || classification === "unknown") return null;
  return (
    <Badge size={size} variant="light" color={COLOURS[classification] ?? "orange"}>
      {classification}
    </Badge>
  );
}
