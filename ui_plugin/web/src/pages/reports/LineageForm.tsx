import { Group, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetQuery } from "../../api/queries";
import { type LineageQuery, makeLineageReport } from "../../api/reports";
import { AssetPicker, type PickedAsset } from "../../ui/AssetPicker";
import { MakeButton } from "./MakeButton";
import type { ChoiceProps } from "./MakeTab";
import { FormChoice } from "./PaperForm";
import { fileName, formOf, REPORTS } from "./reportKinds";
import { useMaking } from "./useMaking";

const DEPTHS = ["1", "2", "5", "10", "50"];
const USUAL_DEPTH = "5";
const WAYS = [
  { value: "both", label: "Both ways" },
  { value: "upstream", label: "Upstream" },
  { value: "downstream", label: "Downstream" },
];

/** The graph around an asset or column, as a file. */
export function LineageForm({ params, onSet }: ChoiceProps) {
  const asset = assetOf(params);
  const field = params.get("field");
  const form = formOf(params.get("format"), "lineage");
  const direction = WAYS.find(({ value }) => value === params.get("direction"))?.value ?? "both";
  const depth = params.get("depth") ?? USUAL_DEPTH;
  const { making, stop } = useMaking();
  const make = ({ namespace, name }: PickedAsset) => {
    const query: LineageQuery = {
      ...{ namespace, name, format: form, depth: Number(depth) },
      direction: direction as NonNullable<LineageQuery["direction"]>,
      ...(field ? { field } : {}),
    };
    making.mutate({ file: fileName("lineage", form), make: (signal) => makeLineageReport(query, signal) });
  };
  return (
    <Stack gap="sm">
      <AssetPicker
        label="Asset"
        value={asset}
        onPick={(picked) => onSet({ namespace: picked?.namespace ?? null, name: picked?.name ?? null, field: null })}
      />
      {asset && <FieldChoice asset={asset} value={field} onPick={(next) => onSet({ field: next })} />}
      <Group gap="sm">
        <Select
          label="Direction"
          w={150}
          allowDeselect={false}
          value={direction}
          onChange={(next) => onSet({ direction: next === "both" ? null : next })}
          data={WAYS}
        />
        <Select
          label="Hops"
          w={90}
          allowDeselect={false}
          value={depth}
          onChange={(next) => onSet({ depth: next === USUAL_DEPTH ? null : next })}
          data={[...new Set([...DEPTHS, depth])]}
        />
      </Group>
      <FormChoice forms={REPORTS.lineage.forms} value={form} onSet={onSet} />
      <MakeButton {...{ making, stop }} isReady={asset !== null} onMake={() => asset && make(asset)} />
    </Stack>
  );
}

function assetOf(params: URLSearchParams): PickedAsset | null {
  const [namespace, name] = [params.get("namespace"), params.get("name")];
  return namespace && name ? { namespace, name } : null;
}

interface FieldChoiceProps {
  asset: PickedAsset;
  value: string | null;
  onPick: (field: string | null) => void;
}

function FieldChoice({ asset, value, onPick }: FieldChoiceProps) {
  const found = useQuery(datasetQuery(asset.namespace, asset.name));
  const names = found.data?.fields.map(({ name }) => name) ?? [];
  return (
    <Select
      label="Column"
      searchable
      clearable
      placeholder="The whole asset"
      value={value}
      onChange={onPick}
      data={value && !names.includes(value) ? [value, ...names] : names}
    />
  );
}
