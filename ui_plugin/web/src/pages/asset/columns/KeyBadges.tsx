import { Badge } from "@mantine/core";
import { Link } from "react-router-dom";
import type { FieldDetail } from "../../../api/types";
import { assetAddress } from "../../../app/addresses";
import type { Constraints } from "./said";

/** Which keys a column is a part of; a foreign one leads to the asset that it points at. */
export function KeyBadges({ field, constraints }: { field: FieldDetail; constraints: Constraints }) {
  const isUnique = constraints.unique.some((fields) => fields.includes(field.name));
  return (
    <>
      {field.primary_key && (
        <Badge size="xs" variant="default" title="Primary key">
          PK
        </Badge>
      )}
      {isUnique && (
        <Badge size="xs" variant="default" title="Unique">
          UQ
        </Badge>
      )}
      {constraints.foreignKeys.map(({ fields, to }) => {
        const at = fields.indexOf(field.name);
        if (at < 0) return null;
        return (
          <Badge
            key={`${to.name} ${fields.join()}`}
            size="xs"
            variant="default"
            component={Link}
            to={assetAddress(to.namespace, to.name, "columns")}
            title={`References ${to.name}.${to.fields[at] ?? ""}`}
            style={{ cursor: "pointer" }}
          >
            FK
          </Badge>
        );
      })}
    </>
  );
}
