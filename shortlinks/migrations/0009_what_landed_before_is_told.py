from django.db import migrations
from django.db.models import F


def note_as_told(apps, schema_editor):
    """The drainer told of them as it landed them."""
    apps.get_model("shortlinks", "JournalSegment").objects.update(told_offset=F("landed_offset"))
    apps.get_model("shortlinks", "VerdictChange").objects.update(is_told=True)


class Migration(migrations.Migration):

    dependencies = [
        ("shortlinks", "0008_what_has_been_told"),
    ]

    operations = [migrations.RunPython(note_as_told, migrations.RunPython.noop)]
