"""`make demo` from start to stop: every link shows an answer, nothing listens beyond this machine, nothing stays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import browsing

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.service, pytest.mark.airflow, pytest.mark.timeout(900)]


def demo(command: str, data: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "demo", command, "--data", str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr + _logs(data)
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def _logs(data: Path) -> str:
    return "".join(f"\n== {log}\n{log.read_text()[-3000:]}" for log in sorted(data.rglob("*.log")))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def output(data: Path) -> Iterator[str]:
    try:
        yield demo("start", data)
    finally:
        demo("stop", data)


@pytest.fixture(scope="module")
def family(output: str, data: Path) -> list[psutil.Process]:
    roots = [
        psutil.Process(noted["pid"]) for noted in json.loads((data / "demo" / "processes.json").read_text()).values()
    ]
    return [member for root in roots for member in (root, *root.children(recursive=True))]


@pytest.fixture(scope="module")
def api(output: str, data: Path) -> Iterator[httpx.Client]:
    url = re.search(r"http://127\.0\.0\.1:\d+(?=/lineage)", output)
    assert url
    token = (data / "admin-token").read_text().strip()
    with httpx.Client(base_url=f"{url[0]}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


def _graph(api: httpx.Client, name: str, field: str, direction: str) -> set[str]:
    namespace, dataset = name.split("|")
    query = {
        "namespace": namespace,
        "name": dataset,
        "field": field,
        "direction": direction,
        "depth": 20,
        "granularity": "field",
    }
    answer = api.get("/lineage/graph", params=query).raise_for_status().json()
    assert answer["truncated"] is False
    return {f"{node['name']}:{node['field']}" for node in answer["nodes"] if node["kind"] == "datasetField"}


def _warehouse(api: httpx.Client) -> str:
    found = api.get("/datasets", params={"q": "raw customers"}).raise_for_status().json()["items"]
    return next(item["namespace"] for item in found if item["name"] == "larkspur.raw.customers")


def test_the_dashboards_revenue_comes_from_prices_rates_and_refunds(api: httpx.Client) -> None:
    fields = _graph(api, "bi://dashboards.larkspur.example|Executive overview", "Revenue", "upstream")
    raw = {field.removeprefix("larkspur.") for field in fields if field.startswith("larkspur.raw.")}
    assert raw == {
        "raw.order_items:quantity",
        "raw.order_items:unit_price",
        "raw.order_items:discount",
        "raw.fx_rates:to_eur",
        "raw.refunds:amount",
    }


def test_customers_email_reaches_every_list_that_holds_it(api: httpx.Client) -> None:
    fields = _graph(api, f"{_warehouse(api)}|larkspur.raw.customers", "email", "downstream")
    assert {field.removeprefix("larkspur.") for field in fields} == {
        "raw.customers:email",
        "staging.customers:email",
        "core.dim_customer:email",
        "marts.customer_lifetime_value:email",
        "marts.marketing_contacts:email",
        "marts.churn_risk:email",
        "marts.autumn_campaign:email",
    }


def test_a_check_that_fails_opens_an_incident_which_reaches_the_dashboard(api: httpx.Client) -> None:
    checks = api.get("/quality").raise_for_status().json()["items"]
    assert [each["name"] for each in checks if not each["passed"]] == ["larkspur.raw.fx_rates"]
    assert len(checks) == 9
    deadline = time.monotonic() + 60  # they are opened by the worker, which may be busy with what came before
    while not (incidents := api.get("/quality/incidents").raise_for_status().json()["items"]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    (incident,) = incidents
    assert (incident["title"], incident["field"]) == ("rates are at most a week old", None)
    of = {"namespace": incident["namespace"], "name": incident["name"]}
    reached = {each["name"] for each in api.get("/quality/blast", params=of).raise_for_status().json()["items"]}
    assert {"Executive overview", "larkspur.core.fct_order", "larkspur.marts.daily_revenue"} <= reached


def test_an_analyst_reads_personal_data_masked_and_a_steward_in_clear(
    output: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", str(data / "demo" / "pg_service.conf"))
    query = "SELECT customer_id, email, country FROM marts.customer_lifetime_value ORDER BY customer_id LIMIT 5"
    with psycopg.connect("service=analyst") as analyst, psycopg.connect("service=steward") as steward:
        masked, clear = analyst.execute(query).fetchall(), steward.execute(query).fetchall()
        assert [row[1] for row in masked] == [f"{row[1][0]}***" for row in clear]
        assert [(row[0], row[2]) for row in masked] == [(row[0], row[2]) for row in clear]
        assert "@" in clear[0][1]
        found = analyst.execute("SELECT count(*) FROM raw.customers WHERE email LIKE '%@%'").fetchone()
        assert found == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            steward.execute("DELETE FROM raw.customers")
    assert f"{masked[0][1][0]}***" in output


def test_airflow_shows_the_same_pages(family: list[psutil.Process], output: str, data: Path) -> None:
    url = re.search(r"inside Airflow\s+(http://127\.0\.0\.1:\d+)", output)
    assert url
    password = json.loads((data / "demo" / "airflow" / "passwords.json").read_text())["admin"]
    with httpx.Client(base_url=url[1], timeout=30) as airflow:
        assert airflow.get("/nexus/api/v1/session").status_code == 401
        token = airflow.post("/auth/token", json={"username": "admin", "password": password}).json()["access_token"]
        airflow.headers["Authorization"] = f"Bearer {token}"
        assert airflow.get("/nexus/api/v1/session").json()["name"] == "admin"
        assert airflow.get("/nexus/api/v1/datasets", params={"q": "marketing_contacts"}).json()["total"] >= 1


@pytest.fixture(scope="module")
def browser(chromium_path: Path, output: str) -> Iterator[BrowserContext]:
    """A window of 1440 × 900 pixels, in which the link that the demo prints signed somebody in."""
    with browsing.chromium(chromium_path) as running:
        context = running.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(re.search(r"http\S+", output)[0])  # type: ignore[index]
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
        page.close()
        yield context


@pytest.fixture(scope="module")
def in_airflow(browser: BrowserContext, output: str, data: Path) -> Page:
    """A page of the same window, signed in to Airflow."""
    url = re.search(r"inside Airflow\s+(http://127\.0\.0\.1:\d+)", output)[1]  # type: ignore[index]
    password = json.loads((data / "demo" / "airflow" / "passwords.json").read_text())["admin"]
    signed_in = {"username": "admin", "password": password}
    token = httpx.post(f"{url}/auth/token", json=signed_in, timeout=30).json()["access_token"]
    browser.add_cookies([{"name": "_token", "value": token, "url": url}])
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    return page


def test_the_first_link_opens_where_names_can_be_read(browser: BrowserContext, output: str) -> None:
    page = browser.new_page()
    page.goto(re.search(r"http\S+/lineage\S+", output)[0])  # type: ignore[index]
    expect(page.get_by_text("Focus: only the path of")).to_be_visible()
    percent = page.get_by_role("button", name=re.compile(r"Zoom \d+ %"))
    expect(percent).to_have_text(re.compile(r"^([6-9]\d|100)%$"))
    page.close()


def test_airflows_home_page_tells_what_is_known(in_airflow: Page) -> None:
    widget = in_airflow.frame_locator("iframe[title=LineageNexus]")
    figures = widget.get_by_role("list", name="What is known")
    expect(figures).to_contain_text("Assets", timeout=60_000)
    expect(figures).not_to_contain_text("…")
    widget.get_by_role("link", name="Assets").click()
    expect(in_airflow).to_have_url(re.compile("/plugin/nexus/nexus/catalogue"))
    expect(in_airflow.frame_locator("iframe").get_by_text("larkspur").first).to_be_visible(timeout=60_000)


def test_dags_runs_and_tasks_show_their_lineage(in_airflow: Page) -> None:
    base = re.match(r"http://[^/]+", in_airflow.url)[0]  # type: ignore[index]
    run = in_airflow.request.get(f"{base}/api/v2/dags/larkspur_daily/dagRuns").json()["dag_runs"][0]["dag_run_id"]
    of_run = f"{base}/dags/larkspur_daily/runs/{run}"
    task = f"{of_run}/tasks/marketing_contacts"
    for tab, name in (
        (f"{base}/dags/larkspur_daily/plugin/nexus-dag", "larkspur_daily"),
        (f"{of_run}/plugin/nexus-dag_run", "larkspur_daily"),
        (f"{base}/dags/larkspur_daily/tasks/marketing_contacts/plugin/nexus-task", "marketing_contacts"),
        (f"{task}/plugin/nexus-task_instance", "marketing_contacts"),
    ):
        in_airflow.goto(tab)
        graph = in_airflow.frame_locator("iframe").get_by_role("application")
        expect(graph).to_have_accessible_name(re.compile(name), timeout=60_000)
    in_airflow.goto(f"{task}/details")
    in_airflow.locator("a[href*='/plugin/nexus/nexus/lineage']").click()
    lineage = in_airflow.frame_locator("iframe")
    expect(lineage.get_by_role("application")).to_have_accessible_name(re.compile("marketing_contacts"), timeout=60_000)
    expect(in_airflow).to_have_url(re.compile("/plugin/nexus/nexus/lineage"))


def test_a_job_leads_back_to_its_dag(in_airflow: Page, api: httpx.Client) -> None:
    base = re.match(r"http://[^/]+", in_airflow.url)[0]  # type: ignore[index]
    written = {"namespace": _warehouse(api), "name": "larkspur.marts.marketing_contacts", "tab": "jobs"}
    in_airflow.goto(f"{base}/plugin/nexus/nexus{browsing.address('/asset', **written)}")
    in_airflow.frame_locator("iframe").get_by_role("button", name="Open in Airflow").first.click()
    expect(in_airflow).to_have_url(f"{base}/dags/larkspur_daily")
    expect(in_airflow.get_by_role("heading", name="larkspur_daily")).to_be_visible(timeout=60_000)


def test_the_colours_are_those_chosen_in_airflow(in_airflow: Page) -> None:
    base = re.match(r"http://[^/]+", in_airflow.url)[0]  # type: ignore[index]
    in_airflow.goto(f"{base}/plugin/nexus/nexus/catalogue")
    ours = in_airflow.frame_locator("iframe").locator("html")
    for mode in ("Dark", "Light"):
        in_airflow.get_by_role("button", name="User").click()
        in_airflow.get_by_role("menuitem", name="Appearance").click()
        in_airflow.get_by_role("menuitemradio", name=f"{mode} Mode").click()
        expect(ours).to_have_attribute("data-mantine-color-scheme", mode.lower(), timeout=60_000)


def test_nothing_listens_beyond_this_machine(family: list[psutil.Process]) -> None:
    listening = {
        (member.name(), connection.laddr.ip, connection.laddr.port)
        for member in family
        if member.is_running()
        for connection in member.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening
    assert [entry for entry in listening if not ip_address(entry[1].removeprefix("::ffff:")).is_loopback] == []


def test_all_of_it_fits_in_three_gib(family: list[psutil.Process]) -> None:
    used = sum(member.memory_full_info().pss for member in family if member.is_running())
    assert used < 3 * 2**30


def test_started_again_it_reuses_what_runs(output: str, data: Path, family: list[psutil.Process]) -> None:
    before = (data / "demo" / "processes.json").read_text()
    demo("start", data)
    assert (data / "demo" / "processes.json").read_text() == before
