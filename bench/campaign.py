"""How fast a campaign's messages are written: `python -m bench.campaign --recipients 1000000`, PostgreSQL, fsync on.

A fresh server holds a list of contacts with consents; the campaign (a first name and a link in its text) is sent, and a
worker, a process of its own, resolves the audience, reserves codes, counts parts, seals the merge values and queues the
messages. Beside it, before and after, on the same server, what a plain Django project does for a sample of the same
people: a row for each short link and one for each message with its text rendered and its parts counted, by
`bulk_create` of a thousand, indexes as Django makes them; it reads no consent, no law and no number, and seals nothing.
A tenth of the work is measured too: promises are eight times the plain way, 300 MB, and ten times the work in eleven
times the time. Development gets by with `--recipients 100000`.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bench.contacts import ROOT, keys, set_up
from bench.machine import facts
from tests.installation import Installation
from tests.servers import postgres_server

LEAST_TIMES_NAIVE = 8
MOST_PEAK_MB = 300
MOST_TIMES_LINEAR = 11
SAMPLE = 25_000
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TEXT = "Bonjour {first_name|vous}, les ventes privees commencent samedi a la boutique, rue des Halles : {link}"

PERSON = {
    "phone": "decode(repeat(md5(i::text), 3), 'hex')",
    "phone_index": "sha256(i::text::bytea)",
    "phone_hint": "'+33 6 •• •• •• ' || i %% 100",
    "territory": "'FR'",
    "time_zone": "'Europe/Paris'",
    # 1,000 names; two in ten turn the whole text into Unicode.
    "first_name": "(ARRAY['Camill','Paul','Nadi','Soph','Luc','Man','Hug','Emm','Loïc','Zoë'])[1 + i %% 10]"
    " || substr('aeiouylnrs', 1 + i / 10 %% 10, 1) || substr('aeiouylnrs', 1 + i / 100 %% 10, 1)",
    # As many as France has.
    "postcode": "lpad((1000 + i %% 6300 * 15)::text, 5, '0')",
    "attributes": "'{}'::jsonb",
    "created_at": "now()",
    "has_agreed": "true",
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--recipients", type=int, default=1_000_000)
    arguments.add_argument("--part", choices=["prepare", "work", "naive"], help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.part:
        set_up()
        told = {"prepare": prepare, "work": work, "naive": naive}[chosen.part](chosen.recipients)
        print(json.dumps({**told, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
        return 0
    result = measure(chosen.recipients)
    print(json.dumps(result, indent=2))
    return 1 if result["broken_promises"] else 0


def measure(recipients: int) -> dict[str, Any]:
    with postgres_server(durable=True) as database_url, tempfile.TemporaryDirectory(prefix="chappe-bench-") as home:
        os.environ |= keys()
        site = Installation(Path(home), database_url=database_url)
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "chappe.settings"}
        subprocess.run([sys.executable, ROOT / "manage.py", "migrate", "-v", "0"], env=environment, check=True)
        part("prepare", recipients, environment)
        sample = min(SAMPLE, recipients)
        tenth = part("work", recipients // 10, environment)
        plain = [part("naive", sample, environment)]
        whole = part("work", recipients, environment)
        plain.append(part("naive", sample, environment))
    speed = recipients / whole["seconds"]
    plain_speed = 2 * sample / sum(each["seconds"] for each in plain)
    told = {
        "recipients": recipients,
        "messages_per_second": round(speed),
        "naive_per_second": round(plain_speed),
        "times_naive": round(speed / plain_speed, 1),
        "times_for_ten_times_the_work": round(whole["seconds"] / tenth["seconds"], 2),
        "whole": whole,
        "tenth": tenth,
        "naive": plain,
        "machine": facts(),
    }
    return told | {"broken_promises": broken(told, recipients)}


def broken(told: dict[str, Any], recipients: int) -> list[str]:
    whole = told["whole"]
    promises = {
        f"{LEAST_TIMES_NAIVE} times the plain way": told["times_naive"] >= LEAST_TIMES_NAIVE,
        f"{MOST_PEAK_MB} MB at most": whole["peak_mb"] <= MOST_PEAK_MB,
        "ten times the work in eleven times the time": told["times_for_ten_times_the_work"] <= MOST_TIMES_LINEAR,
        "a message and a place for everybody": whole["queued"] == whole["people"] == whole["places"] == recipients,
    }
    return [promise for promise, is_kept in promises.items() if not is_kept]


def part(name: str, recipients: int, environment: dict[str, str]) -> dict[str, Any]:
    """One step, in a process of its own."""
    command = [sys.executable, "-m", "bench.campaign", "--recipients", str(recipients), "--part", name]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def prepare(recipients: int) -> dict[str, Any]:
    """Two lists of people who agreed: everybody, and the first tenth; numbers are not sealed, nobody reads them."""
    from django_scopes import scope

    from accounts.services import create_workspace
    from audience.models import ContactList
    from shortlinks.services import create_domain

    workspace = create_workspace(name="Bench", slug="bench")
    with scope(workspace=workspace):
        create_domain(workspace=workspace, host="go.bench.example", is_default=True)
        fill_contacts(workspace.pk, recipients)
        for size in (recipients, recipients // 10):
            fill_list(ContactList.objects.create(workspace=workspace, name=str(size)), size)
    return {}


def fill_contacts(workspace_id: int, count: int) -> None:
    from bench.segments import insert_of

    execute(
        insert_of("audience.Contact", PERSON, "FROM generate_series(1, %(count)s) i"),
        workspace=workspace_id,
        count=count,
    )


def fill_list(contact_list: Any, size: int) -> None:
    from bench.segments import insert_of

    source = "FROM (SELECT id FROM audience_contact ORDER BY id LIMIT %(size)s) people"
    execute(
        insert_of("audience.ListMembership", {"contact_list_id": "%(list)s", "contact_id": "id"}, source),
        workspace=contact_list.workspace_id, list=contact_list.pk, size=size,
    )  # fmt: skip
    execute("ANALYZE")


def execute(sql: str, **values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


def work(recipients: int) -> dict[str, Any]:
    """What the worker does, from a campaign that is leaving to one whose messages are queued."""
    from django_scopes import scope

    from accounts.models import Workspace
    from campaigns.services.sending import prepare_campaign

    workspace = Workspace.objects.get()
    with scope(workspace=workspace):
        campaign = leaving_campaign(workspace, recipients)
        started = time.perf_counter()
        prepare_campaign(campaign=campaign, now=NOW)
        seconds = time.perf_counter() - started
        campaign.batch.refresh_from_db()
        return {"seconds": round(seconds, 2), **counts_of(campaign)}


def leaving_campaign(workspace: Any, size: int) -> Any:
    from audience.models import ContactList
    from campaigns.models import Campaign
    from messaging.services.batches import create_batch
    from shortlinks.services import create_tracked_link
    from tests.factories import make_account, make_sender

    sender = make_sender(make_account(workspace, name=f"Bench {size}"))
    link = create_tracked_link(
        workspace=workspace, label="Bench", target_url="https://shop.example/sale", carries_visit=True
    )
    batch = create_batch(
        workspace=workspace, name="Bench", purpose="marketing", text=TEXT, sender=sender, links={"link": link}, now=NOW
    )
    return Campaign.objects.create(
        workspace=workspace, name=f"Bench {size}", text=TEXT, sender=sender, batch=batch, link=link, sent_at=NOW,
        state=Campaign.State.SENDING, contact_list=ContactList.objects.get(name=str(size)),
    )  # fmt: skip


def counts_of(campaign: Any) -> dict[str, Any]:
    from django.db.models import Count, Sum

    from messaging.models import Message
    from shortlinks.models import CodeRange

    queued = Message.objects.filter(batch=campaign.batch, state="queued")
    totals = queued.aggregate(queued=Count("pk"), people=Count("contact", distinct=True), parts=Sum("parts"))
    codes = CodeRange.objects.filter(link=campaign.link).aggregate(places=Sum("size"), ranges=Count("pk"))
    return {**totals, **codes, "state": campaign.batch.state}


def naive(recipients: int) -> dict[str, Any]:
    """The plain way, on tables of its own beside the same contacts."""
    from django.db import connection
    from django_scopes import scopes_disabled

    from audience.models import Contact

    models = link_model, message_model = plain_models()
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    with scopes_disabled():
        started = time.perf_counter()
        people = Contact.objects.defer("phone").order_by("pk")[:recipients].iterator(chunk_size=1_000)
        while chunk := list(islice(people, 1_000)):
            write_plainly(chunk, link_model, message_model)
        seconds = time.perf_counter() - started
        written = message_model.objects.count()
        connection.check_constraints()
    with connection.schema_editor() as editor:
        for model in reversed(models):
            editor.delete_model(model)
    return {"written": written, "seconds": round(seconds, 2)}


def plain_models() -> tuple[Any, Any]:
    """As in a project that has not thought of a million: a link and a text for each recipient."""
    from django.apps.registry import Apps
    from django.db import models

    from accounts.models import Workspace
    from audience.models import Contact

    # Of a registry of their own: they are no part of the product.
    meta = type("Meta", (), {"app_label": "bench", "apps": Apps()})
    to = {"on_delete": models.CASCADE, "related_name": "+"}
    link = type("PlainLink", (models.Model,), {
        "__module__": __name__, "Meta": meta, "workspace": models.ForeignKey(Workspace, **to),
        "contact": models.ForeignKey(Contact, **to), "code": models.CharField(max_length=10, unique=True),
        "target_url": models.URLField(), "clicks": models.PositiveIntegerField(default=0),
        "created_at": models.DateTimeField(auto_now_add=True),
    })  # fmt: skip
    message = type("PlainMessage", (models.Model,), {
        "__module__": __name__, "Meta": meta, "workspace": models.ForeignKey(Workspace, **to),
        "contact": models.ForeignKey(Contact, **to), "link": models.ForeignKey(link, **to),
        "phone": models.CharField(max_length=20), "sender": models.CharField(max_length=11),
        "body": models.TextField(), "parts": models.PositiveSmallIntegerField(),
        "status": models.CharField(max_length=20, default="queued", db_index=True),
        "scheduled_at": models.DateTimeField(db_index=True), "sent_at": models.DateTimeField(null=True),
        "provider_id": models.CharField(max_length=64, blank=True),
        "error": models.CharField(max_length=200, blank=True),
        "created_at": models.DateTimeField(auto_now_add=True),
    })  # fmt: skip
    return link, message


def write_plainly(people: list[Any], link_model: Any, message_model: Any) -> None:
    from django.db import transaction

    from integrations.gateways.encoding import measure

    with transaction.atomic():
        links = link_model.objects.bulk_create([
            link_model(workspace_id=person.workspace_id, contact=person, code=secrets.token_urlsafe(6),
                       target_url="https://shop.example/sale")
            for person in people
        ])  # fmt: skip
        messages = []
        for person, link in zip(people, links, strict=True):
            text = TEXT.replace("{first_name|vous}", person.first_name or "vous")
            body = text.replace("{link}", f"go.bench.example/{link.code}") + " STOP 36180"
            messages.append(message_model(
                workspace_id=person.workspace_id, contact=person, link=link, phone=f"+336{person.pk:08}",
                sender="LAMBERT", body=body, parts=measure(body).parts, scheduled_at=NOW,
            ))  # fmt: skip
        message_model.objects.bulk_create(messages)


if __name__ == "__main__":
    sys.exit(main())
