"""A folder of CSV files as a source: each file is a table, its first line the names of its columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from nexus_core.connectors.objects import DatasetKind, SourceCheck, SourceDataset, SourceField, SourceJob
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report
from nexus_core.model.names import DatasetName


class CsvFolderSettings(ConnectorSettings):
    """The folder is the path of the URL; options are the query part."""

    host: str = ""
    port: int = 0
    delimiter: str = Field(",", min_length=1, max_length=1, description="What stands between values.")


class CsvFolderConnector:
    """Reads the first line of each file, and nothing else."""

    kind: ClassVar[str] = "csvfolder"
    title: ClassVar[str] = "Folder of CSV files"
    dialect: ClassVar[str | None] = None
    driver: ClassVar[str | None] = None
    schemes: ClassVar[tuple[str, ...]] = ("csvfolder",)
    url_example: ClassVar[str] = "csvfolder:///srv/data?delimiter=;"
    grants: ClassVar[str] = "chmod -R o+rX /srv/data"
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    settings_type: ClassVar[type[ConnectorSettings]] = CsvFolderSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        self._settings = CsvFolderSettings.model_validate(settings)
        self._folder = Path("/", self._settings.database or "")
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"CsvFolderConnector({self._folder})"

    @property
    def namespace(self) -> str:
        """OpenLineage's name of local files."""
        return "file"

    @property
    def scope(self) -> str:
        """All files of the folder."""
        return f"{self._folder}/*"

    def test(self) -> SourceCheck:
        """Look whether the folder is there."""
        if not self._folder.is_dir():
            return SourceCheck(self.namespace, problem=f"{self._folder} is no folder")
        return SourceCheck(self.namespace, works=(f"CSV files of {self._folder}",))

    def datasets(self) -> Iterator[SourceDataset]:
        """Give each file; one that cannot be read goes into the report."""
        for path in sorted(self._folder.glob("*.csv")):
            try:
                with path.open(newline="", encoding="utf-8") as file:
                    names = next(csv.reader(file, delimiter=self._settings.delimiter), [])
            except (OSError, UnicodeDecodeError) as error:
                self.report.failed.add(path.name, type(error).__name__)
                continue
            fields = tuple(SourceField(name, "text") for name in names)
            self.report.read[DatasetKind.TABLE.value] += 1
            yield SourceDataset(DatasetName("file", str(path)), DatasetKind.TABLE, f"file://{path}", fields)

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Files have no jobs."""
        del since
        yield from ()
