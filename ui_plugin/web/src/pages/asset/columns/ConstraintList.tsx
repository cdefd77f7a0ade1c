import { Anchor, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import { assetAddress } from "../../../app/addresses";
import { Sql } from "../../../ui/Sql";
import type { Constraints, Rule } from "./said";

/** What the source itself enforces or keeps: keys of several columns, checks, indexes. Nothing where it tells none. */
export function ConstraintList({ constraints }: { constraints: Constraints }) {
  const { unique, foreignKeys, checks, indexes } = constraints;
  if (unique.length + foreignKeys.length + checks.length + indexes.length === 0) return null;
  return (
    <section>
      <Title order={2} size="h5" mt="lg" mb="xs">
        Keys, constraints and indexes
      </Title>
      {foreignKeys.map(({ fields, to }) => (
        <Text size="sm" key={`${fields.join()} ${to.name}`}>
          {fields.join(", ")} →{" "}
          <Anchor component={Link} to={assetAddress(to.namespace, to.name, "columns")} size="sm">
            {to.name} ({to.fields.join(", ")})
          </Anchor>
        </Text>
      ))}
      {unique.map((fields) => (
        <Text size="sm" key={fields.join()}>
          Unique: {fields.join(", ")}
        </Text>
      ))}
      {[...checks, ...indexes].map((rule) => (
        <Told key={`${rule.name} ${rule.sql}`} rule={rule} />
      ))}
    </section>
  );
}

function Told({ rule }: { rule: Rule }) {
  return (
    <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
      {rule.name} <Sql text={rule.sql} />
    </Text>
  );
}
