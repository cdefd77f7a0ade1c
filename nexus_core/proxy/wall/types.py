"""Casts and types: PostgreSQL's own, and those that columns of the profile have.

Types whose values are names of objects (`regclass` and its like) would tell of objects that the profile does not show:
a constant is looked up here, and anything else goes through a domain of the filtered catalogue, which refuses others.
"""

from __future__ import annotations

import re

from postgast import scan

from nexus_core.masking.catalogue_views import CATALOGUE, NAMED_TYPES, catalogue_schema
from nexus_core.proxy.wall.names import INFORMATION_SCHEMA, PG_CATALOG
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.text import quoted
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.vocabulary import TYPES
from nexus_core.proxy.wall.walk import Walk, only, strings

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([A-Za-z_][\w$]*))\s*(?:\.|$)')
_PROCEDURE = re.compile(r"(?:pg_catalog\.)?[a-z][a-z0-9_]*(?:\([a-z0-9_, \[\]\"]*\))?")


def cast(walk: Walk, body: Node) -> None:
    """Judge a cast."""
    only("TypeCast", body, "arg", "typeName", "location")
    type_name: Node = body["typeName"]
    parts = strings(type_name["names"])
    if parts[-1] in NAMED_TYPES and parts[:-1] in ([], [PG_CATALOG]):
        _cast_to_named(walk, body, parts)
        return
    walk.visit(body["arg"])
    type_of(walk, type_name)


def type_of(walk: Walk, body: Node) -> None:
    """Judge the name of a type."""
    only("A type", body, "names", "setof", "typmods", "typemod", "arrayBounds", "location")
    *schema, name = strings(body["names"])
    location: int = body.get("location", -1)
    walk.visit_all(body.get("typmods", []))
    if schema in ([], [PG_CATALOG]) and name in TYPES:
        return
    full = ".".join([*schema, name])
    if full not in walk.names.types:
        raise Refusal(f"The type {full} is not let through", "PostgreSQL's own types and those of columns are",
                      location=location)  # fmt: skip


def _cast_to_named(walk: Walk, body: Node, parts: list[str]) -> None:
    type_name: Node = body["typeName"]
    argument: Node = body["arg"]
    location: int = body.get("location", 0)
    if "arrayBounds" in type_name:
        raise Refusal(f"Arrays of {parts[-1]} are not let through", location=location)
    constant = argument.get("A_Const", {})
    text = constant.get("sval", {}).get("sval")
    if "isnull" in constant:
        return
    if text is not None and not text.lstrip("-").isdigit() and text != "-":
        _constant(walk, parts[-1], text, constant.get("location", 0))
        return
    walk.visit(argument)
    _through_domain(walk, parts, location, type_name.get("location", 0), argument.get("ParamRef"))


def _through_domain(walk: Walk, parts: list[str], cast_at: int, type_at: int, parameter: Node | None) -> None:
    """Make a cast go to the domain that knows what is shown.

    It goes by number, so that PostgreSQL looks up no text; the name in a parameter is looked up by a function of ours.
    """
    ours = quoted(catalogue_schema(walk.names.profile))
    by_name = parameter is not None and parts[-1] in ("regclass", "regtype")
    looked_up = ours + b".to_" + parts[-1].encode() + b"(" if by_name else b""
    read_as = b"::pg_catalog.text)" if by_name else b"::pg_catalog.oid"
    if not walk.edits.text.startswith(b"::", cast_at):
        _argument(walk, cast_at, type_at, b"(" + looked_up + b"(", b")" + read_as)
    else:
        if by_name and parameter:
            walk.edits.change(parameter["location"], parameter["location"], looked_up)
        walk.edits.change(cast_at, cast_at, read_as)
    if len(parts) == 2:
        walk.edits.rename(type_at, parts[0], ours)
    else:
        walk.edits.before(type_at, parts[0], ours + b".")


def _argument(walk: Walk, cast_at: int, type_at: int, opened: bytes, closed: bytes) -> None:
    """Put something around the argument of `CAST(x AS …)`, its parenthesis included; the type is at `type_at`."""
    text = walk.edits.text[cast_at:type_at]
    tokens = [(token.start, token.end) for token in scan(text.decode()).tokens]
    written = [text[start:end].lower() for start, end in tokens]
    if written[:2] != [b"cast", b"("] or written[-1] != b"as":
        raise Refusal("A cast is written in a way that the proxy cannot follow", location=cast_at)
    walk.edits.change(cast_at + tokens[1][0], cast_at + tokens[1][1], opened)
    walk.edits.change(cast_at + tokens[-1][0], cast_at + tokens[-1][1], closed + b" AS")


def _constant(walk: Walk, kind: str, text: str, location: int) -> None:
    """Judge the name in a constant: a relation's is changed to that of what stands for it."""
    if kind == "regclass":
        shown = relation_named(walk, text)
        if shown is None:
            raise Refusal(f'relation "{text}" does not exist', sqlstate="42P01", location=location)
        walk.edits.literal(location, text, shown)
        return
    names = name_parts(text)
    known = {
        "regtype": text in TYPES or text in walk.names.types or (names != [] and names[-1] in TYPES),
        "regnamespace": text in {*walk.names.schemas, PG_CATALOG, INFORMATION_SCHEMA},
        "regproc": _PROCEDURE.fullmatch(text) is not None,
        "regprocedure": _PROCEDURE.fullmatch(text) is not None,
    }
    if not known.get(kind, False):
        raise Refusal(f"The name {text} is not let through as a {kind}", location=location)
    if kind.startswith("regproc") and not text.startswith("pg_catalog."):
        walk.edits.literal(location, text, f"pg_catalog.{text}")


def relation_named(walk: Walk, text: str) -> str | None:
    """Give the name, as PostgreSQL reads it, of what stands for the relation that a text names; None for others."""
    *schema, name = name_parts(text) or [""]
    if len(schema) > 1:
        return None
    if schema in ([], [PG_CATALOG]) and name in CATALOGUE:
        return f"pg_catalog.{quoted(name).decode()}"  # its number is what the catalogue itself compares with
    relation = walk.names.find("".join(schema), name)
    if relation is None or relation.of_catalogue:
        return None
    return f"{quoted(relation.shadow_schema).decode()}.{quoted(relation.name).decode()}"


def name_parts(text: str) -> list[str]:
    """Split a name as PostgreSQL does in a regclass; nothing where it is no name."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return []
        in_quotes, plain = match.groups()
        parts.append(in_quotes.replace('""', '"') if in_quotes is not None else plain.lower())
        at = match.end()
    return parts if not text.rstrip().endswith(".") else []
