import { Anchor, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import type { DatasetDetail } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { CopyBlock } from "../../ui/CopyBlock";
import { formatAgo, formatBytes, formatNumber, formatTime } from "../../ui/format";
import classes from "./AssetPage.module.css";

/** What an asset is, whose, how large, and the SQL that defines it. */
export function OverviewTab({ dataset }: { dataset: DatasetDetail }) {
  return (
    <Stack>
      <Paper withBorder p="md">
        <Text mb="md" {...(dataset.description ? {} : { c: "dimmed" })}>
          {dataset.description ?? "No description yet: a comment on the table, harvested again, would stand here."}
        </Text>
        <dl className={classes.facts}>
          <dt>Owners</dt>
          <dd>
            {dataset.owners.length > 0 ? dataset.owners.map((owner) => <Owner key={owner} owner={owner} />) : "unknown"}
          </dd>
          <dt>Rows, size</dt>
          <dd>
            {formatNumber(dataset.row_count)}, {formatBytes(dataset.size_bytes)}
          </dd>
          <dt>Columns</dt>
          <dd>{formatNumber(dataset.fields.length)}</dd>
          <dt>Fed by, feeds</dt>
          <dd>
            {formatNumber(dataset.upstream_count)}, {formatNumber(dataset.downstream_count)} assets
          </dd>
          <dt>First seen</dt>
          <dd>{formatTime(dataset.first_seen_at)}</dd>
          <dt>Last change</dt>
          <dd title={formatTime(dataset.updated_at)}>{formatAgo(dataset.updated_at)}</dd>
        </dl>
      </Paper>
      {dataset.definition && (
        <div>
          <Title order={2} size="h5" mb="xs">
            Definition
          </Title>
          <CopyBlock text={dataset.definition} isSql label="Definition" />
        </div>
      )}
    </Stack>
  );
}

function Owner({ owner }: { owner: string }) {
  return (
    <Anchor component={Link} to={catalogueAddress({ owner })} size="sm" mr="sm">
      {owner}
    </Anchor>
  );
}
