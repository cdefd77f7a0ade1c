import { Button, Paper } from "@mantine/core";
import { Link } from "react-router-dom";
import { EmptyState } from "../../ui/Notice";

/** The first thing that is seen of an empty catalogue. */
export default function Welcome() {
  return (
    <Paper withBorder>
      <EmptyState
        title="Nothing is known yet"
        action={
          <Button component={Link} to="/connect" size="md">
            Connect a source
          </Button>
        }
      >
        Connect a database: its tables, views and columns, and the lineage in its view definitions and query log, are
        here a minute later. Airflow, dbt and Spark can send OpenLineage events to <code>/api/v1/lineage</code> as well.
      </EmptyState>
    </Paper>
  );
}
