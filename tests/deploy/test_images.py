"""Dockerfiles and the compose file: well-formed, pinned, and of images that are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.composed import COMPOSE, composed

ROOT = Path(__file__).parents[2]
DOCKERFILES = [ROOT / "docker" / "Dockerfile", ROOT / "docker" / "airflow" / "Dockerfile"]


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_nothing_to_say(file: Path, checkers: Path) -> None:
    done = subprocess.run([checkers / "hadolint", "--no-color", file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.parent.name)
def test_bases_are_pinned_and_the_user_is_nobody_special(file: Path) -> None:
    text = file.read_text()
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", text, re.MULTILINE))
    for base in re.findall(r"^FROM \$\{(\w+)\}", text, re.MULTILINE):
        assert re.search(r":\d+\.\d+\.\d+", arguments[base]), base
    assert re.findall(r"^USER (\d+)", text, re.MULTILINE)[-1] != "0"
    assert "HEALTHCHECK" in text


def test_what_the_image_copies_is_let_through(tmp_path: Path) -> None:
    """The context is a list of what is let in: a folder that is copied but not in it would break the build."""
    let_in = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILES[0].read_text(), re.MULTILINE)
    names = {name for each in copied for name in each.split()}
    assert names == set(let_in)
    assert all((ROOT / name).exists() for name in names)


def test_the_compose_file_is_one(checkers: Path, tmp_path: Path) -> None:
    said = "import sys; from compose_spec import PyCompose; PyCompose.from_json(sys.stdin.read())"
    done = subprocess.run(
        [checkers / "python", "-c", said], input=composed().as_json(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_compose_pins_images_and_publishes_to_this_machine_only() -> None:
    for name, service in composed().services.items():
        assert re.search(r":v?\d+\.\d+", service["image"]), name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_files_that_compose_mounts_are_there() -> None:
    made = {"secrets"}  # by `prepare`
    for service in composed().services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith(".") and not made & set(Path(source).parts):
                assert (COMPOSE.parent / source).exists(), volume
