"""Prepared: statements of a turn whose SQL is put together once; the ORM takes longer for that than they take to run.

The ORM still writes them, for SQLite and for PostgreSQL. What never changes in a query (a status) stands in it as a
literal: SQLite plans a statement anew at each run whose partial index hangs on a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.query import ModelIterable, RelatedPopulator  # type: ignore[attr-defined]  # not in the stubs

_SLOT = re.compile("%[%s]")
_PLAIN = re.compile("[a-z_]*")  # a constant that may stand in SQL as it is


@dataclass(frozen=True, slots=True)
class _Plan:
    """A compiled query: its SQL, which value goes into which place, and how a row is read."""

    sql: str
    places: tuple[str | None, ...]  # the name of a value, None for a constant
    constants: tuple[Any, ...]  # at the same places
    converters: tuple[tuple[int, Any, Any], ...]
    build: Callable[[Sequence[Any]], Any]


class Prepared:
    """A query that is asked again and again with other values."""

    def __init__(self, make: Callable[..., Any], **examples: Any) -> None:
        """Keep what makes the query.

        Args:
            make: makes it of values by name; of model instances or of `values_list`.
            examples: for each name a value of its type that stands nowhere else in the query.
        """
        self._make, self._examples = make, examples
        self._plans: dict[str, _Plan] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """Return the rows for these values."""
        database = connections[DEFAULT_DB_ALIAS]
        plan = self._plans.get(database.vendor) or self._planned()
        fitted = {name: _fitted(value, database) for name, value in values.items()}
        given = [
            constant if name is None else fitted[name]
            for name, constant in zip(plan.places, plan.constants, strict=True)
        ]
        with database.cursor() as cursor:
            cursor.execute(plan.sql, given)
            rows = cursor.fetchall()
        return [plan.build(_converted(row, plan, database)) for row in rows]

    def first(self, **values: Any) -> Any:
        """Return the first row, or None."""
        return next(iter(self(**values)), None)

    def _planned(self) -> _Plan:
        queryset = self._make(**self._examples)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {_mark(_fitted(example, connection)): name for name, example in self._examples.items()}
        sql, left = _with_literals(sql, parameters, names)
        places = tuple(names.get(_mark(one)) for one in left)
        if set(places) - {None} != set(self._examples):
            raise ValueError(f"values that the query does not hold: {set(self._examples) - set(places)}")
        converters = tuple(
            (place, converts, expression)
            for place, (converts, expression) in compiler.get_converters([one[0] for one in compiler.select]).items()
        )
        build = _instances(compiler) if queryset._iterable_class is ModelIterable else tuple
        self._plans[connection.vendor] = plan = _Plan(sql, places, tuple(left), converters, build)
        return plan


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model and give each its key."""
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    sql, fields = _inserting(type(rows[0]), len(rows), database.vendor)
    values = [field.get_db_prep_save(field.pre_save(row, True), database) for row in rows for field in fields]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, database.alias


def rewrite(row: models.Model, was: Mapping[str, Any]) -> None:
    """Write those columns of a row that are not what they were: what is written is also moved in every index it is in.

    Args:
        was: `vars` of the row as it was read, in the transaction that writes it.
    """
    database = connections[DEFAULT_DB_ALIAS]
    now = vars(row)
    changed = tuple(
        name for name in (field.attname for field in _written(type(row))) if name not in was or now[name] != was[name]
    )
    if not changed:
        return
    sql, fields = _rewriting(type(row), changed, database.vendor)
    values = [field.get_db_prep_save(field.pre_save(row, False), database) for field in fields]
    with database.cursor() as cursor:
        cursor.execute(sql, [*values, row.pk])


@cache
def _inserting(model: type[models.Model], count: int, _vendor: str) -> tuple[str, list[Any]]:
    fields = _written(model)
    names = ", ".join(_name(field.column) for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * count)
    table, key = _name(model._meta.db_table), _name(_key(model))
    return f"INSERT INTO {table} ({names}) VALUES {places} RETURNING {key}", fields  # noqa: S608 # nosec B608 (names of our columns)


@lru_cache(maxsize=256)
def _rewriting(model: type[models.Model], changed: tuple[str, ...], _vendor: str) -> tuple[str, list[Any]]:
    fields = [field for field in _written(model) if field.attname in changed]
    names = ", ".join(f"{_name(field.column)} = %s" for field in fields)
    return f"UPDATE {_name(model._meta.db_table)} SET {names} WHERE {_name(_key(model))} = %s", fields  # noqa: S608 # nosec B608


@cache
def _written(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not (field.primary_key or field.generated)]


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def _name(column: str) -> str:
    return str(connection.ops.quote_name(column))


def _fitted(value: Any, database: Any) -> Any:
    """Return a value as the database's driver takes it, the way a field would give it."""
    field = _FIELDS.get(type(value))
    return value if field is None else field.get_db_prep_value(value, database)


_FIELDS: dict[type, models.Field[Any, Any]] = {datetime: models.DateTimeField(), UUID: models.UUIDField()}


def _mark(value: Any) -> tuple[str, str]:
    # PostgreSQL's driver is given integers in types of its own, by the width of their column.
    return "int" if isinstance(value, int) else type(value).__name__, str(value)


def _with_literals(sql: str, parameters: Sequence[Any], names: dict[tuple[str, str], str]) -> tuple[str, list[Any]]:
    """Return the SQL with its constants in it, and what is left to be given."""
    left: list[Any] = []
    given: Iterator[Any] = iter(parameters)

    def filled(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%%"
        value = next(given)
        if _mark(value) not in names:
            if isinstance(value, str) and _PLAIN.fullmatch(value):
                return f"'{value}'"
            if isinstance(value, int) and not isinstance(value, bool):
                return str(int(value))
        left.append(value)
        return "%s"

    return _SLOT.sub(filled, sql), left


def _converted(row: Sequence[Any], plan: _Plan, database: Any) -> Sequence[Any]:
    if not plan.converters:
        return row
    values = list(row)
    for place, converts, expression in plan.converters:
        value = values[place]
        for convert in converts:
            value = convert(value, expression, database)
        values[place] = value
    return values


def _instances(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row a model instance with those it is selected with, as `ModelIterable` does."""
    info, select = compiler.klass_info, compiler.select
    fields, model = info["select_fields"], info["model"]
    start, end = fields[0], fields[-1] + 1
    names = [one[0].target.attname for one in select[start:end]]
    alias = connection.alias
    related = [RelatedPopulator(one, select, alias) for one in info.get("related_klass_infos", ())]

    def built(row: Sequence[Any]) -> Any:
        instance = model.from_db(alias, names, row[start:end])
        for one in related:
            one.populate(row, instance)
        return instance

    return built
