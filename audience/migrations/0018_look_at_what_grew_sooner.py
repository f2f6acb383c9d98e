from django.db import migrations

TABLES = ("audience_contact", "audience_listmembership")


def set_rounds(settings):
    def alter(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for table in TABLES:
                schema_editor.execute(f"ALTER TABLE {table} {settings}")

    return alter


class Migration(migrations.Migration):
    """PostgreSQL looks at these tables anew when 2,000 rows changed, and not when a tenth of all did: a workspace
    that is new in a large installation would be planned for as if it had one contact.
    """

    dependencies = [("audience", "0017_note_changed_rules")]

    operations = [
        migrations.RunPython(
            set_rounds("SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000)"),
            set_rounds("RESET (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)"),
        )
    ]
