"""The chart: valid objects for several sets of values, as closed as an auditor wants them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import helm

VALUES = sorted((Path(__file__).parent / "values").glob("*.yaml"))
CUSTOM = {"ServiceMonitor", "PrometheusRule"}  # kinds of the Prometheus operator: no schema of Kubernetes' own
KUBERNETES = ("1.30", "1.37")

Object = dict[str, Any]


@pytest.fixture(scope="module", params=VALUES, ids=lambda path: path.stem)
def values(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(scope="module")
def objects(values: Path) -> list[Object]:
    return helm.render("--values", values)


@pytest.fixture(scope="module")
def production() -> list[Object]:
    return helm.render("--values", helm.CHART.parents[1] / "tests/deploy/values/production.yaml")


def pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    for each in objects:
        if each["kind"] in ("Deployment", "Job"):
            yield each["metadata"]["name"], each["spec"]["template"]


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def test_helm_finds_nothing_to_say(values: Path) -> None:
    done = helm.run("lint", "--strict", helm.CHART, "--values", values)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", KUBERNETES)
def test_objects_are_what_kubernetes_takes(version: str, objects: list[Object], checkers: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.yaml"
    made.write_text(yaml.safe_dump_all([each for each in objects if each["kind"] not in CUSTOM]))
    command = [checkers / "kubernetes-validate", "--strict", "--version", version, made]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pods_are_restricted(objects: list[Object]) -> None:
    """Kubernetes' Pod Security Standards, profile "restricted", and a root file system that is read-only."""
    for name, pod in pods(objects):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert not spec["automountServiceAccountToken"], name
        assert not spec["enableServiceLinks"], name
        assert all({"emptyDir", "secret", "configMap"} & volume.keys() for volume in spec["volumes"]), name
        for container in spec["containers"]:
            own = container["securityContext"]
            assert own["capabilities"] == {"drop": ["ALL"]}, name
            assert not own["allowPrivilegeEscalation"], name
            assert own["readOnlyRootFilesystem"], name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name


def test_processes_are_asked_whether_they_live(objects: list[Object]) -> None:
    for name, pod in pods(objects):
        for container in pod["spec"]["containers"]:
            assert ("livenessProbe" in container) is not name.endswith("-migration"), name
            assert ("readinessProbe" in container) is name.endswith(("-api", "-proxy")), name


def test_secrets_are_references(objects: list[Object]) -> None:
    assert not of_kind(objects, "Secret")
    for name, pod in pods(objects):
        for container in pod["spec"]["containers"]:
            plain = [
                each["name"] for each in container["env"] if not each.get("value", "env:").startswith(("env:", "file:"))
            ]
            assert not [each for each in plain if each.endswith(("PASSWORD", "KEYS_URL", "STORE__URL", "S__KEY"))], name


def test_each_process_gets_no_more_secrets_than_it_needs(production: list[Object]) -> None:
    held = {
        name.removeprefix("nexus-lineage-nexus-"): sorted(
            each["valueFrom"]["secretKeyRef"]["name"]
            for each in pod["spec"]["containers"][0]["env"]
            if "valueFrom" in each
        )
        for name, pod in pods(production)
    }
    everyone = ["oidc"]  # by extraEnv
    assert held["migration"] == sorted([*everyone, "nexus-owner"])
    assert held["signer"] == sorted([*everyone, "nexus-store"])
    assert held["worker"] == sorted([*everyone, "lineage-nexus", "lineage-nexus", "nexus-graph", "nexus-store"])
    assert held["reconciler"] == sorted([*everyone, "nexus-store", "shop"])
    assert held["proxy"] == sorted([*everyone, "nexus-store"])
    mounting = [name for name, pod in pods(production) if "audit" in {each["name"] for each in pod["spec"]["volumes"]}]
    assert mounting == ["nexus-lineage-nexus-signer"]


def test_every_pod_has_a_policy_and_speaks_only_with_what_it_needs(production: list[Object]) -> None:
    policies = [each["spec"] for each in of_kind(production, "NetworkPolicy").values()]
    for name, pod in pods(production):
        labels = pod["metadata"]["labels"].items()
        own = [each for each in policies if each["podSelector"]["matchLabels"].items() <= labels]
        assert len(own) == 1, name
        assert own[0]["policyTypes"] == ["Ingress", "Egress"]
    signer = of_kind(production, "NetworkPolicy")["nexus-lineage-nexus-signer"]["spec"]
    assert {port["port"] for rule in signer["egress"] for port in rule["ports"]} == {53, 5432, 443}


def test_selectors_choose_the_pods_of_one_process(objects: list[Object]) -> None:
    labels = {name: pod["metadata"]["labels"].items() for name, pod in pods(objects)}
    chosen = [each for kind in ("Deployment", "PodDisruptionBudget") for each in of_kind(objects, kind).values()]
    for each in chosen:
        selector = each["spec"]["selector"]["matchLabels"].items()
        assert [name for name, own in labels.items() if selector <= own] == [each["metadata"]["name"]]


def test_numbers_of_pods_belong_to_one_hand(production: list[Object]) -> None:
    scaled = of_kind(production, "HorizontalPodAutoscaler")
    assert set(scaled) == {f"nexus-lineage-nexus-{process}" for process in ("api", "worker", "proxy")}
    for name, each in of_kind(production, "Deployment").items():
        assert ("replicas" in each["spec"]) is (name not in scaled)
    lag = scaled["nexus-lineage-nexus-worker"]["spec"]["metrics"][1]["external"]
    assert lag["metric"]["name"] == "nexus_eventlog_lag_events"


def test_the_migration_comes_before_everything_with_its_own_role(production: list[Object]) -> None:
    (job,) = of_kind(production, "Job").values()
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    store = next(
        each for each in job["spec"]["template"]["spec"]["containers"][0]["env"] if each["name"] == "NEXUS_STORE__URL"
    )
    assert store["valueFrom"]["secretKeyRef"]["name"] == "nexus-owner"


def test_an_upgrade_and_a_roll_back_change_nothing_that_kubernetes_holds_fast(
    production: list[Object], tmp_path: Path
) -> None:
    """Another version renders the same objects, and the selectors that cannot be changed are the same."""
    another = shutil.copytree(helm.CHART, tmp_path / "another")
    described = (another / "Chart.yaml").read_text()
    (another / "Chart.yaml").write_text(re.sub(r"(?m)^(version|appVersion): .*$", r"\1: 9.9.9", described))
    values = helm.CHART.parents[1] / "tests/deploy/values/production.yaml"
    later = helm.render("--values", values, "--is-upgrade", chart=another)
    assert [held_fast(each) for each in later] == [held_fast(each) for each in production]
    assert "9.9.9" in json.dumps([each for _, each in pods(later)])


def held_fast(given: Object) -> tuple[str, str, object, object]:
    """Kind, name, what an update must not change, and when a hook runs: no migration goes with a roll-back."""
    hooks = given["metadata"].get("annotations", {}).get("helm.sh/hook")
    assert "rollback" not in (hooks or "")
    spec = given.get("spec", {})
    fixed = spec.get("selector") if given["kind"] == "Deployment" else spec.get("clusterIP")
    return given["kind"], given["metadata"]["name"], fixed, hooks


def test_only_the_host_with_tls_is_served(production: list[Object]) -> None:
    (ingress,) = of_kind(production, "Ingress").values()
    assert ingress["spec"]["tls"] == [{"hosts": ["lineage.example.com"], "secretName": "lineage-tls"}]
    (api,) = (pod for name, pod in pods(production) if name.endswith("-api"))
    settings = {each["name"]: each.get("value") for each in api["spec"]["containers"][0]["env"]}
    assert settings["NEXUS_API__PUBLIC_URL"] == "https://lineage.example.com"
    assert settings["NEXUS_LOG_LEVEL"] == "WARNING"
    assert json.loads(settings["NEXUS_EVENTLOG__OPTIONS"])["security.protocol"] == "SSL"


def test_dashboards_and_rules_are_the_files(production: list[Object]) -> None:
    (rules,) = of_kind(production, "PrometheusRule").values()
    written = (helm.CHART / "rules" / "lineage-nexus.yaml").read_text()
    linked = written.replace("runbook: docs/runbooks.md#", "runbook_url: https://docs.example.com/runbooks/#")
    assert rules["spec"] == yaml.safe_load(linked)
    files = {path.name: json.loads(path.read_text()) for path in helm.CHART.glob("dashboards/*.json")}
    maps = [each["data"] for each in of_kind(production, "ConfigMap").values()]
    assert {name: json.loads(text) for data in maps for name, text in data.items()} == files
    (monitor,) = of_kind(production, "ServiceMonitor").values()
    service = of_kind(production, "Service")["nexus-lineage-nexus-figures"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    ports = {port["name"] for _, pod in pods(production) for port in pod["spec"]["containers"][0].get("ports", [])}
    assert {each["port"] for each in monitor["spec"]["endpoints"]} == ports - {"postgresql"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "graph"),
        (["graph.uri=http://neo4j"], "graph"),
        (["graph.uri=bolt://n", "api.replica=3"], "replica"),
        (["graph.uri=bolt://n", "settings.LOG_LEVEL=DEBUG"], "LOG_LEVEL"),
        (["graph.uri=bolt://n", "ingress.enabled=true", "ingress.host=h"], "ingress"),
        (["graph.uri=bolt://n", "eventlog.kind=kafka"], "eventlog.bootstrapServers"),
        (["graph.uri=bolt://n", "proxy.enabled=true"], "proxy.tlsSecret"),
    ],
)
def test_values_that_mean_nothing_are_refused(given: list[str], said: str) -> None:
    sets = [part for each in given for part in ("--set", each)]
    done = helm.run("template", "nexus", helm.CHART, *sets)
    assert done.returncode != 0
    assert said in done.stderr
