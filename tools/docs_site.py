"""MkDocs' hooks: the page of all routes from openapi.json, and links to files that are not pages of the site."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OPENAPI = ROOT / "ui_plugin" / "web" / "openapi.json"
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!docs/)([^)#]+)(?:#[^)]*)?\)")
_METHODS = ("get", "post", "put", "patch", "delete")


def on_files(files: Any, config: Any) -> Any:
    """Add the page of routes."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "routes.md", content=routes(json.loads(OPENAPI.read_text()))))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Name files of the source outside of the docs by their path: they are no pages."""
    return _OUTSIDE.sub(r"\1 (`\2`)", markdown)


def routes(document: dict[str, Any]) -> str:
    """Give Markdown with every route by subject: what it does, its parameters, its answers."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                route = methods[method]
                by_tag.setdefault(route.get("tags", ["other"])[0], []).append(_route(method, path, route))
    head = "# Routes of the API\n\nMade from the OpenAPI document, which the API serves at `/openapi.json`.\n"
    return head + "".join(f"\n## {tag.capitalize()}\n{''.join(found)}" for tag, found in sorted(by_tag.items()))


def _route(method: str, path: str, route: dict[str, Any]) -> str:
    lines = [f"\n### `{method.upper()} {path}`\n", f"\n{route.get('description', route.get('summary', ''))}\n"]
    parameters = [each for each in route.get("parameters", []) if "name" in each]
    if parameters:
        lines.append("\n| parameter | in | meaning |\n|---|---|---|\n")
        lines += [_parameter(each) for each in parameters]
    answers = ", ".join(sorted(status for status in route["responses"] if status[0] == "2"))
    return "".join(lines) + f"\nAnswers {answers}.\n"


def _parameter(parameter: dict[str, Any]) -> str:
    meaning = parameter.get("description", "").replace("|", "\\|").replace("\n", " ")
    needed = " (required)" if parameter.get("required") else ""
    return f"| `{parameter['name']}` | {parameter['in']} | {meaning}{needed} |\n"
