"""What is asked of Tableau's Metadata API (GraphQL, schema of 2022.1 and newer), a page at a time."""

from __future__ import annotations

_PAGE = "pageInfo { hasNextPage endCursor }"
_TABLE = """
  __typename id name
  ... on DatabaseTable { schema fullName connectionType database {
    __typename name connectionType ... on DatabaseServer { hostName port } } }
"""
_WORKBOOK = "workbook { luid name projectLuid projectName owner { username } embeddedDatasources { id name } }"
_FIELDS = f"""
  fields {{
    __typename id name description isHidden
    upstreamColumns {{ name table {{ {_TABLE} }} }}
    ... on ColumnField {{ dataType role }}
    ... on CalculatedField {{ dataType role formula }}
    ... on BinField {{ dataType role formula }}
    ... on GroupField {{ dataType role }}
    ... on DatasourceField {{ remoteField {{ name datasource {{
      __typename id name ... on PublishedDatasource {{ luid projectLuid projectName }} }} }} }}
  }}
"""
_DATASOURCE = f"""
  id name hasExtracts containsUnsupportedCustomSql extractLastRefreshTime
  upstreamTables {{ {_TABLE} }}
  {_FIELDS}
"""


def _paged(connection: str, nodes: str) -> str:
    return f"""query Page($first: Int!, $after: String) {{
      page: {connection}(first: $first, after: $after, orderBy: {{field: ID, direction: ASC}}) {{
        nodes {{ {nodes} }} {_PAGE} }} }}"""


PUBLISHED = _paged(
    "publishedDatasourcesConnection",
    f"{_DATASOURCE} luid projectLuid projectName description isCertified certificationNote"
    " owner { username } tags { name }",
)
EMBEDDED = _paged("embeddedDatasourcesConnection", f"{_DATASOURCE} {_WORKBOOK}")
CUSTOM_SQL = _paged(
    "customSQLTablesConnection",
    f"id name query connectionType isUnsupportedCustomSql columns {{ name remoteType description }}"
    f" tables {{ {_TABLE} }} database {{ name }}",
)
SHEETS = _paged(
    "sheetsConnection",
    f"""id luid name path tags {{ name }} {_WORKBOOK}
    datasourceFields {{ __typename name description
      datasource {{ __typename id name ... on PublishedDatasource {{ luid projectLuid projectName }} }}
      ... on ColumnField {{ dataType }} ... on CalculatedField {{ dataType formula }} ... on GroupField {{ dataType }}
      ... on BinField {{ dataType }} }}""",
)
DASHBOARDS = _paged("dashboardsConnection", f"id luid name path tags {{ name }} {_WORKBOOK} sheets {{ name }}")
_PUBLISHED = "id luid name projectLuid projectName"
FLOWS = _paged(
    "flowsConnection",
    f"id luid name projectName owner {{ username }}"
    f" upstreamTables {{ {_TABLE} }} upstreamDatasources {{ {_PUBLISHED} }}"
    f" downstreamTables {{ {_TABLE} }} downstreamDatasources {{ {_PUBLISHED} }}",
)
EXTRACTS_OF_WORKBOOK = """query Workbook($luid: String!) { workbooks(filter: {luid: $luid}) {
  luid name projectLuid projectName embeddedDatasources { id name hasExtracts } } }"""
PROBE = "query Probe { page: workbooksConnection(first: 1) { totalCount } }"
