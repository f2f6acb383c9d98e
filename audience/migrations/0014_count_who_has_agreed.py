"""`Contact.has_agreed` of those who were there before it, from the ledger; ten thousand at a time."""

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

STEP = 10_000
YES = ("granted", "confirmed")


def count(apps, schema_editor):
    Contact, Consent = apps.get_model("audience", "Contact"), apps.get_model("audience", "Consent")
    words = Consent.objects.filter(contact=OuterRef("pk"), purpose="marketing", act__in=[*YES, "withdrawn"])
    latest = Subquery(words.order_by("-occurred_at", "-pk").values("act")[:1])
    contacts = Contact.objects.annotate(latest=latest).filter(latest__in=YES)
    last = Contact.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last + 1, STEP):
        contacts.filter(pk__range=(start, start + STEP - 1)).update(has_agreed=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audience", "0013_contacts_know_who_has_agreed")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
