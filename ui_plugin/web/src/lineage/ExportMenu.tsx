import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import type { Stage } from "../graph/canvas/Stage";
import { contextOf, paperOf, toCsv, toPng, toSvg } from "../graph/export";
import { splitName } from "../graph/model";
import { readPalette } from "../graph/paint/palette";
import { toPdf } from "../graph/pdf";
import { download } from "../ui/files";
import type { ExplorerModel } from "./useExplorer";

interface Props {
  explorer: ExplorerModel;
  stage: Stage | null;
  name: string;
}

/** Downloads of the whole graph as picture or table. */
export function ExportMenu({ explorer, stage, name }: Props) {
  const [isBusy, setBusy] = useState(false);
  const { scene, marks, model } = explorer;
  const file = `lineage-${splitName(name).title}`;
  const palette = () => readPalette(stage?.element ?? document.documentElement);
  const saveText = (text: string, type: string, ending: string) =>
    download(`${file}.${ending}`, new Blob([text], { type: `${type};charset=utf-8` }));
  const save = async (ending: string, made: Promise<Blob>) => {
    setBusy(true);
    try {
      download(`${file}.${ending}`, await made);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" loading={isBusy} disabled={model.cards.size === 0}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save("png", toPng(scene, marks, palette()))}>Picture (PNG)</Menu.Item>
        <Menu.Item onClick={() => save("pdf", toPdf(scene, marks, palette(), measureText, paperOf(scene.bounds)))}>
          Document (PDF)
        </Menu.Item>
        <Menu.Item onClick={() => saveText(toSvg(scene, marks, palette(), measureText), "image/svg+xml", "svg")}>
          Drawing (SVG)
        </Menu.Item>
        <Menu.Item onClick={() => saveText(toCsv(model), "text/csv", "csv")}>Table of links (CSV)</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

let measuring: CanvasRenderingContext2D | null = null;

function measureText(text: string, font: string): number {
  measuring ??= contextOf(document.createElement("canvas"));
  measuring.font = font;
  return measuring.measureText(text).width;
}
