"""An emitter that knows nothing of us: openlineage-python tells that a dashboard reads the executive summary."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_type_dataset,
    documentation_dataset,
    job_type_job,
    ownership_dataset,
    schema_dataset,
)
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/main/client/python"
DASHBOARD_NAMESPACE = "bi://dashboards.larkspur.example"
DASHBOARD = "Executive overview"
FIELDS = {
    "Revenue": ("numeric", "revenue"),
    "Orders": ("bigint", "orders"),
    "Average basket": ("numeric", "average_basket"),
    "Refund rate": ("numeric", "refund_rate"),
    "Month": ("date", "month"),
}


def events(warehouse_namespace: str, database: str, at: datetime) -> list[RunEvent]:
    """Give START and COMPLETE of the job that refreshes the dashboard from marts.executive_summary."""
    source = InputDataset(namespace=warehouse_namespace, name=f"{database}.marts.executive_summary")
    dashboard = OutputDataset(
        namespace=DASHBOARD_NAMESPACE,
        name=DASHBOARD,
        facets={
            "schema": schema_dataset.SchemaDatasetFacet(
                fields=[
                    schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, (kind, _) in FIELDS.items()
                ]
            ),
            "datasetType": dataset_type_dataset.DatasetTypeDatasetFacet(datasetType="DASHBOARD"),
            "documentation": documentation_dataset.DocumentationDatasetFacet(
                description="What the board sees each Monday"
            ),
            "ownership": ownership_dataset.OwnershipDatasetFacet(
                owners=[ownership_dataset.Owner(name="team:finance-analytics", type="BUSINESS_OWNER")]
            ),
            "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(
                fields={
                    name: column_lineage_dataset.Fields(
                        inputFields=[
                            column_lineage_dataset.InputField(
                                namespace=source.namespace, name=source.name, field=column
                            )
                        ]
                    )
                    for name, (_, column) in FIELDS.items()
                }
            ),
        },
    )
    job = Job(
        namespace="bi",
        name="executive_overview.refresh",
        facets={"jobType": job_type_job.JobTypeJobFacet(processingType="BATCH", integration="BI", jobType="EXTRACT")},
    )
    run = Run(runId=str(generate_new_uuid(at)))
    return [
        RunEvent(
            eventType=state,
            eventTime=at.isoformat(),
            run=run,
            job=job,
            producer=PRODUCER,
            inputs=[source],
            outputs=[dashboard],
        )
        for state in (RunState.START, RunState.COMPLETE)
    ]


def main(api_url: str, token_file: str, warehouse_namespace: str, database: str) -> None:
    """Send them over HTTP with a token of the emitter's own."""
    with open(token_file) as file:
        config = HttpConfig(url=api_url, auth=ApiKeyTokenProvider({"apiKey": file.read().strip()}))
    client = OpenLineageClient(transport=HttpTransport(config))
    for event in events(warehouse_namespace, database, datetime.now(UTC)):
        client.emit(event)


if __name__ == "__main__":
    main(*sys.argv[1:])
