"""Schemas after changes: what a statement meets before and after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nexus_core.errors import InvalidInputError
from nexus_core.model.impact import Change, ChangeKind, Estate, Statement
from nexus_core.model.names import DatasetName
from nexus_core.model.trial import Events, World

Fields = Mapping[str, str]


@dataclass(slots=True)
class State:
    """Schemas as the simulation has them; a dataset in `gone` is not there, one in `unsure` may have any field.

    `failing` are the events of datasets that run a trigger which breaks.
    """

    schemas: dict[DatasetName, Fields]
    required: dict[DatasetName, tuple[str, ...]]
    gone: set[DatasetName] = field(default_factory=set)
    unsure: set[DatasetName] = field(default_factory=set)
    renamed: dict[DatasetName, DatasetName] = field(default_factory=dict)
    failing: dict[DatasetName, Events] = field(default_factory=dict)

    def world(self, names: Iterable[DatasetName]) -> World:
        """Give what a statement that names some datasets meets."""
        asked = {*names, *(self.renamed[name] for name in names if name in self.renamed)}
        there = [name for name in sorted(asked) if name in self.schemas and name not in self.gone | self.unsure]
        return World(
            {name.name: self.schemas[name] for name in there},
            tuple(name.name for name in sorted(asked) if name in self.gone),
            {name.name: self.required[name] for name in there if name in self.required},
            {name.name: self.failing[name] for name in there if name in self.failing},
        )

    def fail(self, name: DatasetName, events: Events) -> bool:
        """Note events that run a broken trigger; give whether they were not known."""
        known = self.failing.get(name, {})
        self.failing[name] = {**known, **{event: _both(known.get(event), of) for event, of in events.items()}}
        return self.failing[name] != known


def _both(known: tuple[str, ...] | None, of: tuple[str, ...]) -> tuple[str, ...]:
    """Give the columns that either of two triggers is about, none for any."""
    return of if known is None else () if not known or not of else tuple(sorted({*known, *of}))


def before(estate: Estate) -> State:
    """Give the schemas as the catalogue has them."""
    return State(dict(estate.schemas), dict(estate.required))


def after(state: State, changes: Sequence[Change]) -> State:
    """Give the schemas with changes made, one after another; raises InvalidInputError for one that cannot be made."""
    made = State(dict(state.schemas), dict(state.required))
    for at, change in enumerate(changes):
        _check(change, made, f"$.changes[{at}]")
        _apply(change, made)
    return made


def changed_datasets(changes: Iterable[Change]) -> set[DatasetName]:
    """Give the datasets whose readers and writers changes may touch at once."""
    return {change.dataset for change in changes if change.kind is not ChangeKind.REPLACE_SQL}


def renamed_to(change: Change) -> DatasetName:
    """Give a dataset's new name: what `to` leaves out is as it was."""
    old, new = change.dataset.name.split("."), change.to.split(".")
    return replace(change.dataset, name=".".join([*old[: max(len(old) - len(new), 0)], *new]))


def _check(change: Change, state: State, where: str) -> None:
    fields = state.schemas.get(change.dataset)
    if change.kind is ChangeKind.REPLACE_SQL:
        if not change.sql:
            raise InvalidInputError("the new statement is missing", f"{where}.sql")
        return
    if change.dataset in state.gone:
        raise InvalidInputError("an earlier change takes this dataset away", f"{where}.name")
    if change.kind.of_field and not change.field:
        raise InvalidInputError("a change of a field names it", f"{where}.field")
    if change.kind in _WITH_NEW and not change.to:
        raise InvalidInputError("the new name or type is missing", f"{where}.to")
    there = fields is not None and spelled(change.field, fields) is not None
    if change.kind.of_field and fields and there is (change.kind is ChangeKind.ADD_FIELD):
        told = "is there already" if there else "is no field of the dataset"
        raise InvalidInputError(f"{change.field!r} {told}", f"{where}.field")


_WITH_NEW = (ChangeKind.ADD_FIELD, ChangeKind.RENAME_FIELD, ChangeKind.RETYPE_FIELD, ChangeKind.RENAME_DATASET)


def spelled(name: str, fields: Fields) -> str | None:
    """Give a field as the schema spells it, None if there is none of that name."""
    if name in fields:
        return name
    return next((each for each in fields if each.lower() == name.lower()), None)


def _apply(change: Change, state: State) -> None:
    name, kind = change.dataset, change.kind
    if kind is ChangeKind.DROP_DATASET:
        state.gone.add(name)
    elif kind is ChangeKind.RENAME_DATASET:
        new = renamed_to(change)
        state.renamed[name] = new
        state.gone.add(name)
        state.gone.discard(new)
        if name in state.schemas:
            state.schemas[new] = state.schemas[name]
            state.required[new] = state.required.get(name, ())
    elif kind is ChangeKind.SET_NOT_NULL:
        state.required[name] = (*state.required.get(name, ()), change.field)
    elif kind is not ChangeKind.REPLACE_SQL and name in state.schemas:
        state.schemas[name] = _fields(change, state.schemas[name])
        state.required[name] = _required(change, state.required.get(name, ()))


def _fields(change: Change, fields: Fields) -> Fields:
    known = spelled(change.field, fields)
    if change.kind is ChangeKind.ADD_FIELD:
        return {**fields, change.field: change.to}
    if change.kind is ChangeKind.DROP_FIELD:
        return {field: kind for field, kind in fields.items() if field != known}
    if change.kind is ChangeKind.RENAME_FIELD:
        return {change.to if field == known else field: kind for field, kind in fields.items()}
    return {field: change.to if field == known else kind for field, kind in fields.items()}


def _required(change: Change, required: tuple[str, ...]) -> tuple[str, ...]:
    if change.kind is ChangeKind.RENAME_FIELD:
        return tuple(change.to if field == change.field else field for field in required)
    gone = change.field if change.kind is ChangeKind.DROP_FIELD else None
    return tuple(field for field in required if field != gone)


def replaced(statements: Sequence[Statement], changes: Iterable[Change]) -> dict[str, Statement]:
    """Give the statements whose text changes replace, by id, with their new text.

    A change names the job, the dataset that the statement defines, or one that no other writes.
    """
    found: dict[str, Statement] = {}
    for change in changes:
        if change.kind is ChangeKind.REPLACE_SQL and (statement := _meant(statements, change.dataset)) is not None:
            found[statement.id] = replace(statement, sql=change.sql)
    return found


def _meant(statements: Sequence[Statement], name: DatasetName) -> Statement | None:
    """Give the statement that a name means, None for none or several."""
    for means in (
        lambda each: (each.job.namespace, each.job.name) == (name.namespace, name.name),
        lambda each: each.defines == name,
        lambda each: each.writes == {name},
    ):
        found = [each for each in statements if means(each)]
        if found:
            return found[0] if len(found) == 1 else None
    return None
