"""DAG files and the factory behind them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]

OURS = Path("dags")
GOOD = "sources:\n  shop: {kind: postgresql, connection: shop}\n"


@pytest.fixture
def dag_file(airflow_home, tmp_path):
    """Give a function that writes a YAML beside a copy of our DAG file."""

    def write(text):
        shutil.copy(OURS / "nexus_harvest.py", tmp_path / "nexus_harvest.py")
        if text is not None:
            (tmp_path / "nexus_harvest.yaml").write_text(text)
        return tmp_path / "nexus_harvest.py"

    return write


@pytest.mark.parametrize("folder", [OURS, Path("demo/dags")], ids=str)
def test_every_dag_imports(airflow_home, folder):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(folder.absolute()), safe_mode=True)
    assert bag.import_errors == {}
    assert bag.dags


def test_the_example_makes_one_dag_a_source(airflow_home):
    from nexus_operators.factory import harvest_dags

    dags = harvest_dags(str(OURS / "nexus_harvest.py"))
    dag = dags["nexus_harvest_warehouse"]
    (task,) = dag.tasks
    assert (dag.catchup, dag.max_active_runs, dag.schedule) == (False, 1, "15 3 * * *")
    assert (task.kind, task.conn_id, task.schemas, task.pool) == (
        "postgresql",
        "warehouse",
        ["public"],
        "default_pool",
    )
    assert (task.retries, task.retry_delay.total_seconds()) == (2, 300)


def test_defaults_hold_unless_a_source_says_otherwise(dag_file):
    from nexus_operators.factory import harvest_dags

    text = "defaults: {retries: 7, pool: p}\nsources:\n  a: {kind: postgresql, connection: a}\n"
    dags = harvest_dags(str(dag_file(text + "  b: {kind: postgresql, connection: b, retries: 1}\n")))
    tasks = {name: dag.tasks[0] for name, dag in dags.items()}
    assert (tasks["nexus_harvest_a"].retries, tasks["nexus_harvest_b"].retries) == (7, 1)
    assert tasks["nexus_harvest_b"].pool == "p"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "nexus_harvest.yaml cannot be read"),
        ("a: [", "nexus_harvest.yaml is no YAML"),
        ("", "nexus_harvest.yaml: the file: "),
        ("[]", "nexus_harvest.yaml: the file: "),
        ("sources: {}", "nexus_harvest.yaml: sources: "),
        ("source: {}", "Known keys are defaults, sources"),
        ("sources: {x: 3}", "nexus_harvest.yaml: sources.x: "),
        ("defaults: 3\n" + GOOD, "nexus_harvest.yaml: defaults: "),
        ("sources: {'a b': {kind: postgresql, connection: a}}", "nexus_harvest.yaml: sources.a b"),
        ("sources: {x: {kind: oracle, connection: x}}", "sources.x.kind: Value error, allowed are "),
        ("sources: {x: {kind: postgresql}}", "sources.x.connection: Field required"),
        ("sources: {x: {kind: postgresql, connecton: x}}", "Known keys are kind, connection, schemas"),
        ("sources: {x: {kind: postgresql, connection: x, retries: -1}}", "sources.x.retries: "),
    ],
)
def test_a_wrong_file_says_where_and_what_is_allowed(dag_file, text, said):
    from nexus_core.errors import ConfigurationError
    from nexus_operators.factory import harvest_dags

    with pytest.raises(ConfigurationError) as caught:
        harvest_dags(str(dag_file(text)))
    assert said in str(caught.value)


def test_parsing_imports_no_driver_and_no_engine(airflow_home):
    code = (
        "import sys; from nexus_operators.factory import harvest_dags;"
        f"harvest_dags({str(OURS.absolute() / 'nexus_harvest.py')!r}); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert not {"psycopg", "sqlglot", "neo4j", "nexus_core.connectors", "nexus_core.harvest"} & set(
        loaded.stdout.split()
    )
