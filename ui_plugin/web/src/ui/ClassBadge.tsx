import { Badge, type BadgeProps } from "@mantine/core";

interface Props {
  classification: string | null | undefined;
  size?: NonNullable<BadgeProps["size"]>;
}

/** The class of a dataset or column; Public says nothing, since that is also what nobody has classified. */
export function ClassBadge({ classification, size = "md" }: Props) {
  if (!classification || classification === "Public") return null;
  return (
    <Badge size={size} variant="light" color={classification === "PII" ? "red" : "gray"}>
      {classification}
    </Badge>
  );
}
