import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router-dom";
import type { ImpactAsset } from "../../api/types";
import { assetAddress, impactGraphAddress, qualityAddress } from "../../app/addresses";
import { nameOfId, titleOfAsset, VERDICT_WORDS } from "../../impact/answer";
import { formatNumber, plural } from "../../ui/format";
import classes from "./ImpactPage.module.css";
import { StatementView } from "./StatementView";

interface Props {
  asset: ImpactAsset;
  isOpen: boolean;
  onToggle: () => void;
}

/** One asset that the changes reach, in a line; opened with statement, way, patch and people. */
export function AffectedAsset({ asset, isOpen, onToggle }: Props) {
  const { kind, name } = titleOfAsset(asset);
  return (
    <li className={classes[asset.verdict]}>
      <button type="button" className={classes.row} aria-expanded={isOpen} onClick={onToggle}>
        <span className={classes.word}>{VERDICT_WORDS[asset.verdict].label}</span>
        <span className={classes.what}>
          {kind !== "dataset" && <Text span inherit c="dimmed">{`${kind} `}</Text>}
          <Text span inherit fw={600}>
            {name}
          </Text>
          <span className={classes.why}>{asset.reason.message}</span>
        </span>
        {asset.use_count > 0 && <span className={classes.reads}>{plural(asset.use_count, "read")} in 90 days</span>}
      </button>
      {isOpen && <Details asset={asset} />}
    </li>
  );
}

function Details({ asset }: { asset: ImpactAsset }) {
  return (
    <Stack gap="sm" className={classes.details}>
      {asset.path.length > 1 && (
        <ol className={classes.path} aria-label="How the change gets here">
          {asset.path.map((id) => (
            <li key={id}>{nameOfId(id)}</li>
          ))}
        </ol>
      )}
      <StatementView asset={asset} />
      <Group gap="lg">
        <Text size="sm">
          <Text span inherit c="dimmed">
            Owners{" "}
          </Text>
          {asset.owners.join(", ") || "unknown"}
        </Text>
        {asset.users.length > 0 && (
          <Text size="sm">
            <Text span inherit c="dimmed">
              Read by{" "}
            </Text>
            {asset.users.map(({ account, count }) => `${account ?? "others"} (${formatNumber(count)})`).join(", ")}
          </Text>
        )}
      </Group>
      <AssetLinks asset={asset} />
    </Stack>
  );
}

function AssetLinks({ asset: { id, dataset } }: { asset: ImpactAsset }) {
  if (!dataset) return null;
  if (id.startsWith("check:")) {
    return (
      <Anchor component={Link} to={qualityAddress({ check: id.slice("check:".length) })} size="sm">
        Open the check
      </Anchor>
    );
  }
  return (
    <Group gap="md">
      <Anchor component={Link} to={assetAddress(dataset.namespace, dataset.name)} size="sm">
        Open the asset's page
      </Anchor>
      <Anchor component={Link} to={impactGraphAddress({ kind: "dataset", ...dataset })} size="sm">
        What it reaches, in the graph
      </Anchor>
    </Group>
  );
}
