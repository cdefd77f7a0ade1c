"""Attacks on masking, as statements: each leaks where nothing defends, and must not where both walls or one stand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parent

SECRETS = """
CREATE SCHEMA canary_schema;
CREATE TABLE public.canary_table (canary_column text DEFAULT 'CANARY-default' CHECK (canary_column <> 'CANARY-check'));
CREATE INDEX canary_index ON public.canary_table (canary_column) WHERE canary_column = 'CANARY-predicate';
ALTER TABLE public.canary_table ADD CONSTRAINT canary_unique UNIQUE (canary_column);
CREATE VIEW public.secretive AS SELECT 'CANARY-definition'::text AS told FROM public.customers;
CREATE TYPE public.secretive_label AS ENUM ('CANARY-label');
CREATE DOMAIN public.secretive_domain AS text DEFAULT 'CANARY-domain';
CREATE MATERIALIZED VIEW public.best_kept AS SELECT email FROM public.customers;
CREATE FUNCTION public.secretive_body(t text DEFAULT 'CANARY-argument') RETURNS text LANGUAGE sql
    AS 'SELECT ''CANARY-body''::text';
CREATE FUNCTION public.canary_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN /* CANARY */ RETURN NEW; END';
CREATE TRIGGER canary_trigger BEFORE INSERT ON public.canary_table FOR EACH ROW
    WHEN (NEW.canary_column = 'CANARY-trigger') EXECUTE FUNCTION public.canary_function();
CREATE FUNCTION public.email_of(customer integer) RETURNS text LANGUAGE sql SECURITY DEFINER STABLE
    SET search_path = pg_catalog AS 'SELECT email FROM public.customers WHERE id = customer';
CREATE FUNCTION public.upper(integer) RETURNS text LANGUAGE sql SECURITY DEFINER STABLE
    AS 'SELECT public.email_of($1)';
CREATE FUNCTION public.format(integer, integer) RETURNS text LANGUAGE sql SECURITY DEFINER STABLE
    AS 'SELECT public.email_of($1)';
CREATE FUNCTION public.same(integer, integer) RETURNS text LANGUAGE sql SECURITY DEFINER STABLE
    AS 'SELECT public.email_of($1)';
CREATE OPERATOR public.~!! (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.same);
CREATE PROCEDURE public.tell(integer) LANGUAGE plpgsql SECURITY DEFINER
    AS 'BEGIN RAISE NOTICE ''%'', public.email_of($1); END';
ANALYZE public.customers;
"""
"""What a source may have that tells of values beside its tables."""


class Attack(NamedTuple):
    """A statement made of a template; an oracle has a `control` that guesses wrong, and is answered alike."""

    template: str
    text: str
    control: str = ""
    guesses: tuple[str, ...] = ()


def over_targets(name: str) -> Iterator[Attack]:
    """Statements of a file, each for every target that it names."""
    groups = _read(name)
    for target in groups.pop("targets"):
        guesses = [str(target.get(each, "")) for each in ("right", "wrong")]
        bare = tuple(guess.removesuffix("::text").strip("'") for guess in guesses)
        for template in chain(*groups.values()):
            right, wrong = (template.format(**target, g=guess) for guess in guesses)
            yield Attack(template, right, wrong if right != wrong else "", bare)


def listed(name: str) -> Iterator[Attack]:
    """Statements of a file that names no targets."""
    for text in _read(name)["statements"]:
        yield Attack(text, text)


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return read
