"""Both walls of the proxy before the masking sample, made by hand: a profile, its views and catalogue, and who asks.

`profile` may read what stands for the relations only; `reader` may read the relations themselves, as everybody could
without the first wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import pq, sql

from nexus_core.masking.building import PRIVATE
from nexus_core.masking.catalogue_views import COLUMNS_QUERY, catalogue_schema, definitions, information_schema
from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.model.policy import CLEAR, NULL, Mask, MaskKind
from nexus_core.proxy.wall import Refused, judge
from tests.masking import PERSONAL, Sample

PASSWORD = "held-by-the-proxy"
PARTIAL, ROUND = Mask(MaskKind.PARTIAL), Mask(MaskKind.ROUND)
BASE = ("public.countries", "public.orders")
"""Relations without a masked column, which are read themselves."""

_MASKED = {
    ("public.customers", "email"): (PARTIAL, "'***@example.com'::text"),
    ("public.customers", "balance"): (ROUND, "round(balance, -5)::numeric(12,2)"),
    ("public.payments", "amount"): (ROUND, "round(amount, -6)::numeric(12,2)"),
}


@dataclass
class Walls:
    """The sample behind both walls; statements go through one, both or none of them."""

    sample: Sample
    profile: Profile
    open_profile: Profile
    _connections: dict[str, psycopg.Connection[tuple[object, ...]]] = field(default_factory=dict)

    def both(self, text: str) -> str:
        return self._judged(text, self.profile.login_role)

    def statements_only(self, text: str) -> str:
        """As if the profile could read the relations themselves."""
        return self._judged(text, f"{self.profile.login_role}_reader")

    def privileges_only(self, text: str) -> str:
        return self.ask(self.profile.login_role, text)

    def none(self, text: str) -> str:
        return self.ask(f"{self.profile.login_role}_reader", text)

    def _judged(self, text: str, role: str) -> str:
        verdict = judge(text, self.profile)
        return f"refused: {verdict.reason}" if isinstance(verdict, Refused) else self.ask(role, verdict.text)

    def connection(self, role: str) -> psycopg.Connection[tuple[object, ...]]:
        if role not in self._connections or self._connections[role].broken:
            self._connections[role] = psycopg.connect(self.sample.url(role, PASSWORD), autocommit=True)
        return self._connections[role]

    def ask(self, role: str, text: str) -> str:
        """Give everything that the server says to a text, in a transaction that leaves nothing."""
        connection = self.connection(role)
        said: list[str] = []
        connection.add_notice_handler(handler := lambda notice: said.append(f"notice {notice.message_primary}"))
        try:
            list(answers(connection.pgconn, "BEGIN"))
            said += answers(connection.pgconn, text)
        finally:
            connection.remove_notice_handler(handler)
            list(answers(connection.pgconn, "ROLLBACK"))
            list(answers(connection.pgconn, "DISCARD ALL"))
        return "\n".join(said)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


def answers(connection: pq.abc.PGconn, text: str) -> Iterator[str]:
    """Send a text by the simple protocol and give rows, copied data and all fields of errors."""
    connection.send_query(text.encode())
    while (result := connection.get_result()) is not None:
        if result.status == pq.ExecStatus.COPY_OUT:
            while (got := connection.get_copy_data(0))[0] > 0:
                yield bytes(got[1]).decode()
        elif result.status == pq.ExecStatus.COPY_IN:
            connection.put_copy_end(b"no")
        for number in range(result.ntuples):
            yield "|".join((result.get_value(number, i) or b"").decode() for i in range(result.nfields))
        for part in (
            pq.DiagnosticField.SQLSTATE,
            pq.DiagnosticField.MESSAGE_PRIMARY,
            pq.DiagnosticField.MESSAGE_DETAIL,
        ):
            yield from [f"error {(shown or b'').decode()}" for shown in [result.error_field(part)] if shown]


@contextmanager
def walls(sample: Sample, name: str = "walls") -> Iterator[Walls]:
    """Put a profile before the sample, and remove its roles in the end."""
    seen = tuple(_relations(sample, name, masked=True))
    profile = Profile(name, "shop", 1, f"ln_p_{name}", (f"ln_{name}__public", "public", f"ln_{name}__hr"), seen)
    clear = tuple(_relations(sample, name, masked=False))
    open_profile = Profile(f"{name}open", "shop", 1, f"ln_p_{name}open", ("ln_open__public",), clear)
    made = Walls(sample, profile, open_profile)
    try:
        _build(sample, profile)
        yield made
    finally:
        made.close()
        for role in (profile.login_role, f"{profile.login_role}_reader"):
            sample.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


def _relations(sample: Sample, name: str, *, masked: bool) -> Iterator[SeenRelation]:
    rows = sample.rows(
        "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY attnum), array_agg(format_type(atttypid, "
        "atttypmod) ORDER BY attnum) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute a "
        "ON attrelid = c.oid WHERE nspname IN ('public', 'hr') AND relkind IN ('r', 'p', 'v') AND NOT relispartition "
        "AND attnum > 0 AND NOT attisdropped GROUP BY 1, 2 ORDER BY 1, 2"
    )
    for schema, relation, columns, types in rows:
        full = f"{schema}.{relation}"
        shadow = f"ln_{name}__{schema}" if masked and full not in BASE else str(schema)
        pairs = zip(columns, types, strict=True)  # type: ignore[call-overload]
        seen = (SeenColumn(each, kind, _mask(full, each) if masked else CLEAR) for each, kind in pairs)
        yield SeenRelation(str(schema), str(relation), shadow, tuple(seen))


def _mask(relation: str, column: str) -> Mask:
    known = _MASKED.get((relation, column))
    return known[0] if known else NULL if column in PERSONAL.get(relation, ()) else CLEAR


def _build(sample: Sample, profile: Profile) -> None:
    login, reader = profile.login_role, f"{profile.login_role}_reader"
    sample.run(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE {reader} LOGIN PASSWORD '{PASSWORD}'")
    schemas = [*sorted({each.shadow_schema for each in profile.relations if not each.is_base})]
    catalogues = [catalogue_schema(profile), information_schema(profile)]
    for schema in [*schemas, *catalogues]:
        sample.run(f"CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO {login}, {reader}")
    for relation in profile.relations:
        sample.run(_view(relation).as_string() if not relation.is_base else _grant(relation, login).as_string())
    columns = {(schema, name): found for schema, name, found in sample.rows(COLUMNS_QUERY)}
    for statement in definitions(profile, columns):  # type: ignore[arg-type]
        sample.run(statement)
    for schema in [*schemas, *catalogues]:
        sample.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {login}, {reader}")
    for private in PRIVATE:
        sample.run(f"REVOKE SELECT ON {catalogue_schema(profile)}.{private} FROM {login}")
    sample.run(f"GRANT USAGE ON SCHEMA public, hr TO {reader}; GRANT pg_read_all_data TO {reader}")
    path = ", ".join(profile.search_path)
    sample.run(f"ALTER ROLE {login} SET search_path = {path}; ALTER ROLE {reader} SET search_path = public, hr, {path}")


def _view(relation: SeenRelation) -> sql.Composed:
    shown = []
    for column in relation.columns:
        known = _MASKED.get((f"{relation.schema}.{relation.name}", column.name))
        plain = sql.Identifier(column.name)
        value: sql.Composable = sql.SQL(known[1]) if known else plain  # type: ignore[arg-type]
        if column.mask == NULL:
            value = sql.SQL("NULL::{}").format(sql.SQL(column.type))  # type: ignore[arg-type]
        shown.append(sql.SQL("{} AS {}").format(value, plain))
    return sql.SQL("CREATE VIEW {} AS SELECT {} FROM {}").format(
        sql.Identifier(relation.shadow_schema, relation.name),
        sql.SQL(", ").join(shown),
        sql.Identifier(relation.schema, relation.name),
    )


def _grant(relation: SeenRelation, login: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(each.name) for each in relation.columns)
    return sql.SQL("GRANT SELECT ({}) ON {} TO {}; GRANT USAGE ON SCHEMA {} TO {}").format(
        columns, sql.Identifier(relation.schema, relation.name), sql.Identifier(login),
        sql.Identifier(relation.schema), sql.Identifier(login),
    )  # fmt: skip
