"""`ContactDate` of those who were there before it, from their attributes; ten thousand contacts at a time."""

from django.db import migrations
from django.db.models import Max

STEP = 10_000
DATED = {"date": 10}


def find(apps, schema_editor):
    Attribute, Contact, ContactDate = (apps.get_model("audience", name) for name in ("Attribute", "Contact", "ContactDate"))
    last = Contact.objects.aggregate(last=Max("pk"))["last"] or 0
    for attribute in Attribute.objects.filter(kind__in=DATED):
        people = Contact.objects.filter(workspace_id=attribute.workspace_id, attributes__has_key=attribute.slug)
        for start in range(0, last + 1, STEP):
            piece = people.filter(pk__range=(start, start + STEP - 1)).values_list("pk", "attributes")
            ContactDate.objects.bulk_create(
                (
                    ContactDate(
                        workspace_id=attribute.workspace_id, contact_id=pk, attribute=attribute, value=value, news_at=None
                    )
                    for pk, attributes in piece
                    if len(value := str(attributes[attribute.slug])) == DATED[attribute.kind]
                ),
                batch_size=1_000,
                ignore_conflicts=True,
            )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audience", "0019_dates_of_contacts")]

    operations = [migrations.RunPython(find, migrations.RunPython.noop)]
