import { Anchor, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router-dom";
import type { DatasetDetail } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { Editable } from "../../curation/Editable";
import { CopyBlock } from "../../ui/CopyBlock";
import { formatAgo, formatBytes, formatNumber, formatTime } from "../../ui/format";
import classes from "./AssetPage.module.css";

const COMMAS = "Names, parted by commas.";

/** What an asset is, whose, how large, and the SQL that defines it. */
export function OverviewTab({ dataset }: { dataset: DatasetDetail }) {
  const subject = { namespace: dataset.namespace, name: dataset.name };
  return (
    <Stack>
      <Paper withBorder p="md">
        <div className={classes.description}>
          <Editable subject={subject} facet="description" label="Description" text={dataset.description ?? ""}>
            <Text {...(dataset.description ? {} : { c: "dimmed" })}>
              {dataset.description ?? "No description yet."}
            </Text>
          </Editable>
        </div>
        <dl className={classes.facts}>
          <dt>Owners</dt>
          <dd>
            <Editable
              {...{ subject, facet: "owners", label: "Owners", hint: COMMAS, shown: dataset.owners }}
              text={dataset.owners.join(", ")}
            >
              {dataset.owners.length > 0
                ? dataset.owners.map((owner) => <Owner key={owner} owner={owner} />)
                : "unknown"}
            </Editable>
          </dd>
          <dt>Tags</dt>
          <dd>
            <Editable
              {...{ subject, facet: "tags", label: "Tags", hint: COMMAS, shown: dataset.tags }}
              text={dataset.tags.join(", ")}
            >
              {dataset.tags.join(", ") || "none"}
            </Editable>
          </dd>
          <dt>Domain</dt>
          <dd>
            <Editable
              subject={subject}
              facet="domain"
              label="Domain"
              text={dataset.domain ?? ""}
              hint="The name of a domain that exists."
            >
              {dataset.domain ?? "none"}
            </Editable>
          </dd>
          <dt>Certification</dt>
          <dd>
            <Editable
              subject={subject}
              facet="certification"
              label="Certification"
              text={dataset.certification ?? ""}
              hint="certified, warning or deprecated"
            >
              {[dataset.certification ?? "none", dataset.certification_note].filter(Boolean).join(": ")}
            </Editable>
          </dd>
          <dt>Rows, size</dt>
          <dd>
            {dataset.row_count === null && dataset.size_bytes === null
              ? "not told by its source"
              : `${formatNumber(dataset.row_count)}, ${formatBytes(dataset.size_bytes)}`}
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
