"""Settings that a session may change or look at; others are refused, those of extensions too.

`standard_conforming_strings` and `client_encoding` decide how the server reads a text, so they stay as the wall reads
it. The search path is given in the source's names and set to the schemas that stand for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nexus_core.masking.catalogue_views import catalogue_schema
from nexus_core.model.masked import Profile
from nexus_core.proxy.wall.names import Names, schemas_of
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.text import quoted
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.verdict import Refused
from nexus_core.proxy.wall.walk import only

FIXED: Mapping[str, frozenset[str]] = {
    "standard_conforming_strings": frozenset({"on", "true", "yes", "1", "t", "y", "tru", "ye", "tr"}),
    "client_encoding": frozenset({"utf8", "utf-8", "unicode"}),
}
"""Settings that may only be set to what they are, in lower case."""

FREE = frozenset({
    "application_name", "bytea_output", "client_min_messages", "datestyle", "default_transaction_deferrable",
    "default_transaction_isolation", "default_transaction_read_only", "extra_float_digits",
    "idle_in_transaction_session_timeout", "intervalstyle", "jit", "lock_timeout", "statement_timeout", "timezone",
    "transaction_deferrable", "transaction_isolation", "transaction_read_only", "xmlbinary", "xmloption",
})  # fmt: skip
"""Settings that may be set to anything that PostgreSQL takes."""

SHOWN = FREE | FIXED.keys() | {
    "block_size", "in_hot_standby", "integer_datetimes", "is_superuser", "lc_collate", "lc_ctype", "lc_messages",
    "lc_monetary", "lc_numeric", "lc_time", "max_identifier_length", "max_index_keys", "search_path",
    "server_encoding", "server_version", "server_version_num", "session_authorization", "ssl",
    "default_text_search_config",
}  # fmt: skip
"""Settings that may be looked at."""

_HINT = "docs/proxy.md lists the settings that may be changed"


def judge_set(names: Names, body: Node, replace: Callable[[bytes], None]) -> None:
    """Judge SET and RESET; `replace` puts another statement in the place of this one."""
    only("SET", body, "kind", "name", "args", "jumble_args", "is_local", "location")
    kind, name = body["kind"], body.get("name", "").lower()
    if kind == "VAR_RESET_ALL":
        return
    if kind == "VAR_SET_MULTI":
        _judge_several(name, body.get("args", []))
    elif kind in {"VAR_RESET", "VAR_SET_DEFAULT"}:
        if name not in SHOWN:
            raise _unlisted(name)
    elif kind == "VAR_SET_VALUE" and name == "search_path":
        shown = [_value(each) for each in body["args"]]
        replace(_path(names, shown, is_local=bool(body.get("is_local"))))
    elif kind == "VAR_SET_VALUE":
        _judge_value(name, [_value(each) for each in body["args"]])
    else:
        raise Refusal("SET … FROM CURRENT is not let through")


def _judge_several(name: str, options: list[Node]) -> None:
    """Judge SET TRANSACTION and SET SESSION CHARACTERISTICS."""
    if name not in {"transaction", "session characteristics"}:
        raise Refusal(f"SET {name.upper()} is not let through")
    for option in options:
        if option["DefElem"]["defname"] not in FREE:
            raise _unlisted(option["DefElem"]["defname"])


def _judge_value(name: str, values: list[str]) -> None:
    if name in FIXED:
        if [value.lower() for value in values if value.lower() not in FIXED[name]] or len(values) != 1:
            raise Refusal(f"{name} stays as it is through the proxy", f"It is {'on' if 'st' in name[:2] else 'UTF8'}")
    elif name not in FREE:
        raise _unlisted(name)


def _value(node: Node) -> str:
    """Give a value as text; that of SET TIME ZONE INTERVAL is a cast."""
    constant: Node = node.get("A_Const", {})
    if "TypeCast" in node:
        constant = node["TypeCast"]["arg"].get("A_Const", {})
    for field in ("sval", "fval"):
        if field in constant:
            return str(constant[field].get(field, ""))
    if "ival" in constant:
        return str(constant["ival"].get("ival", 0))
    if "boolval" in constant:
        return "on" if constant["boolval"].get("boolval") else "off"
    raise Refusal("The value of a setting is not a plain one")


def _path(names: Names, shown: list[str], *, is_local: bool) -> bytes:
    """Write SET search_path with what stands for the given schemas; unknown ones are passed over, as by PostgreSQL."""
    schemas = [standing for each in shown for standing in names.schemas.get(each, ())]
    found = b", ".join(quoted(schema) for schema in schemas) or quoted(catalogue_schema(names.profile))
    return b"SET " + (b"LOCAL " if is_local else b"") + b"search_path TO " + found


def shown_path(names: Names) -> bytes:
    """Write what is asked instead of SHOW search_path: the source's names of the schemas in it."""
    ours = quoted(catalogue_schema(names.profile))
    return b"SELECT pg_catalog.array_to_string(" + ours + b".current_schemas(false), ', ') AS search_path"


def judge_show(name: str) -> None:
    """Judge SHOW."""
    if name.lower() not in SHOWN:
        raise Refusal(f"The setting {name} is not shown through the proxy", "docs/proxy.md lists those that are")


def judge_function_of_settings(name: str, body: Node) -> None:
    """Judge current_setting and set_config, whose setting must be written as a constant."""
    arguments: list[Node] = body.get("args", [])
    setting = arguments[0].get("A_Const", {}).get("sval", {}).get("sval") if arguments else None
    if setting is None:
        raise Refusal(f"{name} is let through only with the name of a setting written as a constant")
    if name == "current_setting":
        if setting.lower() not in SHOWN - {"search_path"}:
            raise Refusal(f"The setting {setting} is not shown through the proxy")
        return
    if setting.lower() not in FREE:
        raise _unlisted(setting)
    if len(arguments) > 1 and "A_Const" not in arguments[1]:
        raise Refusal("set_config is let through only with a value written as a constant")


def startup_options(given: Mapping[str, str], profile: Profile | None = None) -> Mapping[str, str] | Refused:
    """Give the parameters of a startup message that may go upstream, with those that we fix, or why it is refused.

    `user`, `database` and `replication` are not among what is given back: the first two are the proxy's to say, and
    the last is refused. Names of the protocol's own (`_pq_.…`) and of drivers that tell about themselves are left out.
    """
    passed = {"standard_conforming_strings": "on", "client_encoding": "UTF8"}
    if profile is not None and profile.search_path:  # whatever the source says of the role
        passed["search_path"] = ", ".join(quoted(each).decode() for each in profile.search_path)
    for name, value in given.items():
        lower = name.lower()
        if lower == "replication" and value.lower() not in {"false", "off", "no", "0"}:
            return Refused("Replication is not served through the proxy")
        if lower == "options" and value.strip():
            judged = _options(value)
            if isinstance(judged, Refused):
                return judged
            passed |= judged
        elif lower in FIXED:
            if value.strip("'\" ").lower() not in FIXED[lower] | {"auto", "sql_ascii"}:
                return Refused(
                    f"{name} {value} is not served through the proxy", "It is UTF8" if "enc" in lower else ""
                )
        elif lower in FREE:
            passed[lower] = value
        elif lower == "search_path" and profile is not None:
            passed |= _start_path(profile, value)
        elif lower not in {"user", "database", "replication", "options"} and not lower.startswith("_pq_."):
            return Refused(f"The startup parameter {name} is not served through the proxy", _HINT)
    return passed


def _start_path(profile: Profile, value: str) -> dict[str, str]:
    schemas = schemas_of(profile)
    found = [each for part in value.split(",") for each in schemas.get(part.strip().strip('"'), ())]
    return {"search_path": ", ".join(quoted(each).decode() for each in found)} if found else {}


def _options(value: str) -> dict[str, str] | Refused:
    """Read `-c name=value` and `--name=value`, which is all that a client may give as options."""
    words = [word.replace("\\ ", " ") for word in value.replace("\\ ", "\\\0").split()]
    words = [word.replace("\\\0", " ") for word in words]
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        pair = words.pop(0) if word == "-c" and words else word.removeprefix("-c").removeprefix("--")
        name, equals, setting = pair.partition("=")
        name = name.replace("-", "_").lower()
        fixed = name in FIXED and setting.lower() in FIXED[name]
        if not word.startswith("-") or not equals or not (name in FREE or fixed):
            return Refused(f"The startup option {word} is not served through the proxy", _HINT)
        if not fixed:
            found[name] = setting
    return found


def _unlisted(name: str) -> Refusal:
    return Refusal(f"The setting {name} cannot be changed through the proxy", _HINT)
