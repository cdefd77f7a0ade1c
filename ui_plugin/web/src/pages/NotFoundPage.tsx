import { Button } from "@mantine/core";
import { Link } from "react-router-dom";
import { EmptyState } from "../ui/Notice";

export function NotFoundPage() {
  return (
    <EmptyState
      title="There is no such page"
      action={
        <Button component={Link} to="/catalogue">
          Search the catalogue
        </Button>
      }
    >
      The address may be mistyped, or from another version. Every asset can be found in the catalogue.
    </EmptyState>
  );
}
