from typing import Any

from django.db import migrations

from accounts.keys import keyed_index


def fill(apps: Any, schema_editor: Any) -> None:
    """Only what belongs to no contact is looked for by its number."""
    inbound = apps.get_model("messaging", "InboundMessage")._base_manager
    for row in inbound.filter(contact=None, phone_index=None).only("pk", "phone").iterator():
        if row.phone:
            inbound.filter(pk=row.pk).update(phone_index=keyed_index(row.phone))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_numbers_that_were_written_to")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
