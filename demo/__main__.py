"""`make demo` and `make demo-stop`: everything on this machine, each step one line, the rest in log files."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import httpx
import psutil

from demo import airflow, masking, postgres
from demo.assertion import key_pair
from demo.emitter import DASHBOARD, DASHBOARD_NAMESPACE
from demo.processes import DemoError, Processes, clean_environment, remembered_port

T = TypeVar("T")
BIN = Path(sys.executable).parent
NEEDED_BYTES = 4 * 2**30
READY_SECONDS = 300
LINEAGE_SECONDS = 120


def main() -> int:
    """Start or stop; a failed step ends with its sentence."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("command", choices=["start", "stop"])
    parser.add_argument("--data", type=Path, default=Path(".nexus"), help="folder of data and logs")
    arguments = parser.parse_args()
    processes = Processes(arguments.data.absolute() / "demo")
    try:
        start(processes) if arguments.command == "start" else stop(processes)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def start(processes: Processes) -> None:
    """Bring everything up, let Airflow harvest and load, and print where to look."""
    began = time.monotonic()
    _check_machine(processes.folder)
    url, proxy = nexus_url(processes), masking_proxy(processes)
    with ThreadPoolExecutor() as pool:
        nexus = pool.submit(step, "LineageNexus with Neo4j", lambda: start_nexus(processes))
        warehouse = step("PostgreSQL with the shop's warehouse", lambda: postgres.start(processes))
        home = step("Airflow's database", lambda: prepare_airflow(processes, warehouse))
        airflow.start(processes, home)
        nexus.result()
        run = partial(run_nexus, processes)
        onboarded = pool.submit(step, "The masking proxy's roles", lambda: masking.onboard(proxy, warehouse, run))
        load(processes, warehouse, home)
        onboarded.result()
    seen = step("The masking proxy, with its policies", lambda: masking.serve(proxy, url, warehouse.namespace))
    farewell(processes, warehouse, home, time.monotonic() - began)
    print(f"""
{masking.shown(proxy, seen)}
Stop it with `make demo-stop`. Data and logs are in {data(processes)}; `make clean` removes them.""")


def load(processes: Processes, warehouse: postgres.Warehouse, home: airflow.Airflow) -> None:
    """Let Airflow harvest and load, a steward classify, a dashboard tell of itself, and wait for the lineage."""
    url, proxy, log = nexus_url(processes), masking_proxy(processes), processes.log("airflow-scheduler")
    step("Events' way from Airflow: spool and forwarder", lambda: start_forwarder(processes))
    step("Airflow", lambda: airflow.wait(processes, home))
    step("DAG nexus_harvest_larkspur: the catalogue", lambda: airflow.wait_for_run(home, "nexus_harvest_larkspur", log))
    step("A steward says what is personal data", lambda: masking.classify(proxy, url, warehouse.namespace))
    step("DAG larkspur_daily: the nightly load", lambda: airflow.wait_for_run(home, "larkspur_daily", log))
    step("A dashboard, told by an emitter of its own", lambda: emit(processes, warehouse))
    step("Lineage from the dashboard to the raw tables", lambda: wait_for_lineage(processes))


def stop(processes: Processes) -> None:
    """End what start started."""
    stopped = processes.stop_all()
    print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing of the demo was running.")


def step(title: str, work: Callable[[], T]) -> T:
    """Do one step and tell it in one line."""
    began = time.monotonic()
    try:
        result = work()
    except Exception:
        print(f"  failed  {title}", flush=True)
        raise
    print(f"  {time.monotonic() - began:5.1f} s  {title}", flush=True)
    return result


def _check_machine(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < NEEDED_BYTES:
        raise DemoError(f"Less than 4 GB of disk is free at {folder}. Make room, then run `make demo` again.")
    if psutil.virtual_memory().available < NEEDED_BYTES and not Processes(folder).alive("nexus"):
        raise DemoError("Less than 4 GB of memory is free. End other programs, then run `make demo` again.")


def data(processes: Processes) -> Path:
    """Give LineageNexus's own data folder, beside the demo's."""
    return processes.folder.parent


def nexus_url(processes: Processes) -> str:
    """Give the address of the demo's LineageNexus."""
    return f"http://127.0.0.1:{remembered_port(processes.folder, 'nexus', 8000)}"


def masking_proxy(processes: Processes) -> masking.Proxy:
    """Give the proxy before the warehouse."""
    return masking.Proxy(processes, data(processes))


def start_nexus(processes: Processes) -> None:
    """Start `nexus up` and wait until it is ready."""
    url = nexus_url(processes)
    command: list[str | Path] = [BIN / "nexus", "up", "--port", url.rsplit(":", 1)[1], "--data", data(processes)]
    trusted = {"NEXUS_API__ASSERTION_KEYS": str(key_pair(processes.folder).trusted)}
    settings = trusted | masking_proxy(processes).settings()
    processes.start("nexus", command, clean_environment() | settings)
    for _ in range(READY_SECONDS):
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            if not processes.alive("nexus"):
                raise DemoError(
                    f"LineageNexus did not start. See {processes.log('nexus')} or run `nexus doctor`."
                ) from None
        time.sleep(1)
    raise DemoError(f"LineageNexus is not ready after {READY_SECONDS} s. See {processes.log('nexus')}.")


def prepare_airflow(processes: Processes, warehouse: postgres.Warehouse) -> airflow.Airflow:
    """Give Airflow its settings and database."""
    spool = processes.folder / "spool"
    key = key_pair(processes.folder).private
    return airflow.prepare(processes, warehouse, nexus_url(processes), spool, key)


def start_forwarder(processes: Processes) -> None:
    """Ship what the tasks spool."""
    settings = {
        "NEXUS_SPOOL__PATH": str(processes.folder / "spool"),
        "NEXUS_SPOOL__URL": nexus_url(processes),
        "NEXUS_SPOOL__TOKEN": f"file:{token(processes, 'airflow', 'producer:*', 'harvest:*')}",
    }
    processes.start("forwarder", [BIN / "nexus", "forward"], clean_environment() | settings)


def token(processes: Processes, name: str, *authority: str) -> Path:
    """Make a token at the first call and give its file."""
    file = processes.folder / f"{name}-token"
    if not file.exists():
        grants = [part for grant in authority for part in ("--authority", grant)]
        secret = run_nexus(processes, "token", "create", name, *grants)
        file.touch(mode=0o600)
        file.write_text(secret.strip().splitlines()[-1])
    return file


def run_nexus(processes: Processes, *arguments: str) -> str:
    """Run a `nexus` command on the demo's data and give what it prints."""
    port = nexus_url(processes).rsplit(":", 1)[1]
    own = {"NEXUS_DATA_DIR": str(data(processes)), "NEXUS_API__PORT": port}
    environment = clean_environment() | own | masking_proxy(processes).settings()
    with processes.log("commands").open("ab") as log:
        command = [str(BIN / "nexus"), *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=log, check=False)  # noqa: S603
    if done.returncode != 0:
        raise DemoError(f"`nexus {' '.join(arguments[:2])}` failed. See {processes.log('commands')}.")
    return done.stdout.decode()


def emit(processes: Processes, warehouse: postgres.Warehouse) -> None:
    """Run the emitter as its own program, with a token that may write the dashboard only."""
    secret = token(processes, "dashboards", "producer:bi")
    script = Path(__file__).parent / "emitter.py"
    command: list[str | Path] = [
        sys.executable,
        script,
        nexus_url(processes),
        secret,
        warehouse.namespace,
        postgres.DATABASE,
    ]
    with processes.log("emitter").open("ab") as log:
        done = subprocess.run(command, env=clean_environment(), stdout=log, stderr=log, check=False)  # noqa: S603
    if done.returncode != 0:
        raise DemoError(f"The emitter failed. See {processes.log('emitter')}.")


def wait_for_lineage(processes: Processes) -> None:
    """Wait until the dashboard's revenue is traced to the raw order lines."""
    admin = (data(processes) / "admin-token").read_text().strip()
    query: dict[str, str | int] = {
        "namespace": DASHBOARD_NAMESPACE,
        "name": DASHBOARD,
        "field": "Revenue",
        "direction": "upstream",
        "depth": 20,
        "granularity": "field",
    }
    for _ in range(LINEAGE_SECONDS):
        with suppress(httpx.TimeoutException):
            answer = httpx.get(
                f"{nexus_url(processes)}/api/v1/lineage/graph",
                params=query,
                headers={"Authorization": f"Bearer {admin}"},
                timeout=30,
            )
            if answer.status_code == httpx.codes.OK and "raw.order_items:unit_price" in answer.text:
                return
        time.sleep(1)
    raise DemoError(f"The dashboard's lineage did not reach raw.order_items. See {data(processes) / 'logs'}.")


def farewell(processes: Processes, warehouse: postgres.Warehouse, home: airflow.Airflow, seconds: float) -> None:
    """Print the links, each of which shows an answer."""
    url = nexus_url(processes)
    revenue = {
        "namespace": DASHBOARD_NAMESPACE,
        "name": DASHBOARD,
        "field": "Revenue",
        "direction": "upstream",
        "depth": 20,
        "focus": 1,
    }
    email = {
        "namespace": warehouse.namespace,
        "name": f"{postgres.DATABASE}.raw.customers",
        "field": "email",
        "direction": "downstream",
        "depth": 20,
        "focus": 1,
    }
    login = run_nexus(processes, "token", "login").strip().splitlines()[-1]
    print(f"""
Ready in {seconds:.0f} s. Sign in once with
  {login}
then see
  where the dashboard's revenue comes from   {url}/lineage?{urlencode(revenue)}
  every place that customers.email reaches   {url}/lineage?{urlencode(email)}
  which check fails, and what that reaches   {url}/quality
  all that was found                         {url}/catalogue
  the same inside Airflow                    {home.url}  (user admin, password in {home.home / "passwords.json"})""")


if __name__ == "__main__":
    sys.exit(main())
