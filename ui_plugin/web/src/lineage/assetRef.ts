/** An asset by name, and its short form in the URL. */
import { groupId } from "../graph/groups";
import { datasetId, jobId } from "../graph/model";

export interface AssetRef {
  /** A group has its domain or schema as name, and no namespace. */
  kind: "dataset" | "job" | "group";
  namespace: string;
  name: string;
}

export function assetId(asset: AssetRef): string {
  if (asset.kind === "group") return groupId(asset.name);
  return asset.kind === "job" ? jobId(asset.namespace, asset.name) : datasetId(asset.namespace, asset.name);
}

/** Parts joined by commas, each percent-encoded: names may hold any sign. */
export function encodeParts(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join(",");
}

/** The parts, or nothing where the text was not written by `encodeParts` with that many. */
export function decodeParts(text: string, count: number): string[] | null {
  const parts = text.split(",");
  if (parts.length !== count) return null;
  try {
    return parts.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

export function encodeAsset(asset: AssetRef): string {
  return encodeParts([asset.kind, asset.namespace, asset.name]);
}

export function decodeAsset(text: string): AssetRef | null {
  const [kind, namespace, name] = decodeParts(text, 3) ?? [];
  if ((kind !== "dataset" && kind !== "job" && kind !== "group") || namespace === undefined || name === undefined)
    return null;
  return { kind, namespace, name };
}
