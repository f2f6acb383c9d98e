"""How long it takes to count a segment, and to explain the count, over a large base on PostgreSQL.

`python -m bench.segments --rows 1000000` fills a fresh server with contacts, consents, lists, oppositions, orders,
messages and clicks, and asks each question several times. Promise: four conditions are counted in 500 ms at most.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.servers import postgres_server

MOST_MS = 500
TRIES = 7
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

CONTACTS = "FROM audience_contact WHERE "
SPOKE = {"number_hash": "phone_index", "purpose": "'marketing'", "channel": "'sms'", "legal_basis": "'opt_in'"}
# Shares as in a shop's base: one number in 50 said STOP, one in ten has no proof, 12 towns, 95 departments.
# Model, what its columns hold, where from; other columns get their defaults.
FILL: list[tuple[str, dict[str, str], str]] = [
    (
        "audience.Contact",
        {
            "phone": "decode(repeat(md5(i::text), 3), 'hex')",
            "phone_index": "sha256(i::text::bytea)",
            "phone_hint": "'+33 6 •• •• •• ' || i %% 100",
            "territory": "CASE WHEN i %% 40 = 0 THEN 'MQ' ELSE 'FR' END",
            "time_zone": "'Europe/Paris'",
            "first_name": "'Camille'",
            "last_name": "'Rousseau'",
            "birth_date": "CASE WHEN i %% 5 = 0 THEN NULL ELSE date '1950-01-01' + (i %% 22000) END",
            "gender": "(ARRAY['female', 'male', ''])[1 + i %% 3]",
            "email": "'c' || i || '@shop.example'",
            "postcode": "lpad((i %% 95 + 1)::text, 2, '0') || lpad((i %% 1000)::text, 3, '0')",
            "city": "'Ville ' || i %% 12",
            "country": "'FR'",
            "language": "'fr'",
            "attributes": "CASE WHEN i %% 2 = 0 THEN '{}'::jsonb ELSE jsonb_build_object('points', i %% 1000) END",
            "created_at": "%(now)s::timestamptz - (i %% 1000) * interval '1 day'",
            # What the ledger below will say of them; `prepare` has it proven.
            "has_agreed": "i %% 10 <> 0 AND i %% 50 <> 0",
            "last_active_at": "CASE WHEN i %% 4 <> 0 THEN %(now)s::timestamptz - i %% 400 * interval '1 day' END",
        },
        "FROM generate_series(1, %(rows)s) i",
    ),
    (
        "audience.Consent",
        {
            **SPOKE,
            "contact_id": "id",
            "act": "'granted'",
            "wording": "'I agree to receive offers by SMS from this shop, and may stop at any time.'",
            "occurred_at": "created_at",
            "recorded_at": "created_at",
        },
        CONTACTS + "id %% 10 <> 0",
    ),
    (
        "audience.Consent",
        {**SPOKE, "contact_id": "id", "act": "'withdrawn'", "occurred_at": "now()", "recorded_at": "now()"},
        CONTACTS + "id %% 50 = 0",
    ),
    (
        "audience.OptOut",
        {"contact_id": "id", "number_hash": "phone_index", "scope": "'marketing'", "opted_out_at": "now()"},
        CONTACTS + "id %% 50 = 0",
    ),
    ("audience.ListMembership", {"contact_list_id": "%(list)s", "contact_id": "id"}, CONTACTS + "id %% 2 = 0"),
    (
        "integrations.Order",
        {
            "shop_id": "%(shop)s",
            "external_id": "id::text",
            "contact_id": "id",
            "currency": "'EUR'",
            "total": "id %% 20000",
            "placed_at": "%(now)s::timestamptz - (id %% 700) * interval '1 day'",
        },
        CONTACTS + "id %% 4 = 1",
    ),
    (
        "messaging.Message",
        {
            "batch_id": "%(batch)s",
            "account_id": "%(account)s",
            "contact_id": "id",
            "position": "id",
            "state": "'delivered'",
            "due_at": "%(now)s",
            "submitted_at": "%(now)s::timestamptz - interval '20 days'",
            "created_at": "%(now)s",
        },
        CONTACTS + "id %% 2 = 0",
    ),
    (
        "shortlinks.Click",
        {
            "link_id": "%(link)s",
            "position": "id",
            "clicked_at": "%(now)s",
            "verdict": "'human'",
            "segment": "'bench'",
            "offset": "id",
        },
        CONTACTS + "id %% 20 = 0",
    ),
]


NOTHING = {
    "BooleanField": "false", "JSONField": "'[]'", "IntegerField": "1", "BigIntegerField": "0",
    "PositiveIntegerField": "0", "PositiveSmallIntegerField": "1", "PositiveBigIntegerField": "0",
    "DateTimeField": "now()",
}  # fmt: skip


def rule(about: str, asked: str, **values: Any) -> dict[str, Any]:
    return {"about": about, "is": asked, **values}


def all_of(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"match": "all", "rules": list(rules)}


def segments(contact_list: int, campaign: int) -> dict[str, dict[str, Any]]:
    """What marketers ask: four conditions each, from few people to most."""
    member = rule("list", "in", value=str(contact_list))
    return {
        "postcode, list, consent, no stop": all_of(
            rule("postcode", "begins", value="69"), member, rule("consent", "yes"), rule("opted_out", "no")
        ),
        "gender, age, ordered lately, consent": all_of(
            rule("gender", "equals", value="female"), rule("age", "at_least", years=30),
            rule("orders", "at_least", count=1, days=180), rule("consent", "yes"),
        ),
        "town, language, active, points": all_of(
            rule("city", "equals", values=["Ville 3", "Ville 4"]), rule("language", "equals", value="fr"),
            rule("active", "within", days=90), rule("attribute:points", "at_least", value=500),
        ),
        "clicked, not ordered, list, no stop": all_of(
            rule("campaign", "clicked", campaign=str(campaign)), rule("orders", "none", days=90), member,
            rule("opted_out", "no"),
        ),
        "almost everybody": all_of(
            rule("country", "equals", values=["FR"]), rule("consent", "yes"), rule("opted_out", "no"),
            rule("created", "before", day="2026-11-20"),
        ),
    }  # fmt: skip


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = ask()
    return (time.perf_counter() - started) * 1000, answer


def measure(ask: Callable[[], Any]) -> dict[str, Any]:
    """The median of several tries, warm; what was answered."""
    ask()
    tries = [timed(ask) for _ in range(TRIES)]
    return {"ms": round(median(ms for ms, _ in tries)), "best_ms": round(min(ms for ms, _ in tries)), "is": tries[0][1]}


def results(workspace: Any, contact_list: int, campaign: int) -> dict[str, Any]:
    """Each segment counted, and its count explained; in the workspace's scope."""
    from audience.segments.reading import contacts_matching, parse_for
    from messaging.queries import explain_audience

    told = {}
    for name, rules in segments(contact_list, campaign).items():
        contacts = contacts_matching(parse_for(workspace, rules), workspace=workspace, now=NOW)

        def explained(contacts: Any = contacts) -> int:
            return explain_audience(contacts, now=NOW).writable

        told[name] = {"count": measure(contacts.count), "explained": measure(explained)}
        say(f"{name}: {told[name]}")
    return told


def prepare(rows: int) -> tuple[Any, int, int]:
    """A workspace with `rows` contacts; its list and its campaign."""
    from django.core.management import call_command
    from django.db import connection
    from django_scopes import scope

    from audience.models import Attribute
    from audience.services.ledger import recount
    from tests.factories import make_campaign, make_domain, make_link, make_list, make_sender, make_shop, make_workspace
    from tests.factories import make_account, make_batch  # isort: skip

    call_command("migrate", verbosity=0)
    workspace = make_workspace("bench")
    make_domain(workspace)
    link, account = make_link(workspace), make_account(workspace)
    batch = make_batch(make_sender(account), links={"link": link}, text="{link}")
    contact_list, shop = make_list(workspace), make_shop(workspace)
    with scope(workspace=workspace):
        Attribute.objects.create(workspace=workspace, slug="points", label="Points", kind="number")
        campaign = make_campaign(workspace, batch=batch, contact_list=contact_list, sender=None, page=None)
    facts = {"workspace": workspace.pk, "rows": rows, "now": NOW, "list": contact_list.pk, "shop": shop.pk}
    facts |= {"batch": batch.pk, "account": account.pk, "link": link.pk}
    with connection.cursor() as cursor:
        for label, known, source in FILL:
            cursor.execute(insert_of(label, known, source), facts)
            say(f"{label}: {cursor.rowcount} rows")
        cursor.execute("VACUUM ANALYZE")
    say(f"counted otherwise than their ledger says: {recount(workspace=workspace)}")
    return workspace, contact_list.pk, campaign.pk


def insert_of(label: str, known: dict[str, str], source: str) -> str:
    """INSERT … SELECT; a column that is neither known nor nullable gets its type's nothing."""
    from django.apps import apps

    model = apps.get_model(label)
    known = {"workspace_id": "%(workspace)s", **known}
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    wanted = [field for field in fields if field.column in known or not field.null]
    columns = ", ".join(f'"{field.column}"' for field in wanted)
    values = ", ".join(known.get(field.column) or NOTHING.get(field.get_internal_type(), "''") for field in wanted)
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} {source}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with postgres_server() as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "chappe.settings"}
        told = run(rows)
    print(json.dumps({"rows": rows, "promise_ms": MOST_MS, "segments": told}, indent=2, ensure_ascii=False))
    return 0 if all(one["count"]["ms"] <= MOST_MS for one in told.values()) else 1


def run(rows: int) -> dict[str, Any]:
    import django
    from django.db import connection
    from django_scopes import scope

    django.setup()
    workspace, contact_list, campaign = prepare(rows)
    try:
        with scope(workspace=workspace):
            return results(workspace, contact_list, campaign)
    finally:
        connection.close()


if __name__ == "__main__":
    sys.path.insert(0, "site")
    import tests.environment  # noqa: F401  # keys, before settings are read

    sys.exit(main())
