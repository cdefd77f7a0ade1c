"""The compose file as `docker compose` reads it: variables filled in, anchors resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COMPOSE = Path(__file__).parents[2] / "docker" / "compose.yaml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Composed:
    document: dict[str, Any]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return dict(self.document["services"])

    def as_json(self) -> str:
        return json.dumps({name: value for name, value in self.document.items() if not name.startswith("x-")})


def composed(variables: Mapping[str, str] | None = None) -> Composed:
    """Read it; what is required but not given is filled with its own name."""

    def fill(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        return (variables or {}).get(name) or (default if kind == "-" else name)

    return Composed(yaml.safe_load(_VARIABLE.sub(fill, COMPOSE.read_text())))
