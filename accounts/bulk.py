"""The one place of raw SQL of this room: what a database should know of tables that grew."""

from django.db import connection, models


def refresh_statistics(*tables: type[models.Model]) -> None:
    """Have PostgreSQL look at tables to which many rows were just added; elsewhere nothing happens.

    Until it has looked it takes a workspace that it has not seen yet for one row, and compares everybody with
    everybody: minutes instead of milliseconds. Its own round comes late, and only after a tenth of a table changed.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")
