"""`pk__among={1, 2, 3}`: what `in` finds, for the places where there are always many.

`in` writes a mark for each value: Django looks at every one of them several times, and the driver takes the statement
apart again, because it is never the same twice. PostgreSQL gets one array here, and the statement stays what it is.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler

Written = tuple[str, tuple[Any, ...]]


@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):  # type: ignore[type-arg]  # generic in the stubs alone
    """One of these values, of the field's own type; a set is not looked through."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Written:
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} IN ({', '.join(['%s'] * len(values))})", (*params, *values)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Written:
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", (*params, values)

    def _sides(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any], list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        lhs, params = self.process_lhs(compiler, connection)
        prepare = self.lhs.output_field.get_db_prep_value
        return lhs, list(params), [prepare(value, connection) for value in self.rhs]
