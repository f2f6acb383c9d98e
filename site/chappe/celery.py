"""Celery wakes claimers and sweepers; it is never the queue of record (docs/architecture.md)."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chappe.settings")

TRANSPORT_ALIASES["filesystem"] = "chappe.broker:Transport"

app = Celery("chappe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

for folder in ("data_folder_in", "control_folder"):
    if path := getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).get(folder):
        Path(path).mkdir(parents=True, exist_ok=True)

# One static schedule; every task is idempotent, late runs are dropped by their expiry.
app.conf.beat_schedule = {
    "launch-due": {"task": "campaigns.tasks.launch_due", "schedule": 5.0, "options": {"expires": 5}},
    "resolve-decisions": {
        "task": "campaigns.tasks.resolve_decisions",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "credit-orders": {"task": "campaigns.tasks.credit_orders", "schedule": 60.0, "options": {"expires": 60}},
    "forget-codes": {"task": "campaigns.tasks.forget_codes", "schedule": 60.0, "options": {"expires": 60}},
    "remind": {"task": "campaigns.tasks.remind", "schedule": 30.0, "options": {"expires": 30}},
    "sweep-messages": {"task": "messaging.tasks.sweep", "schedule": 2.0, "options": {"expires": 2}},
    "reconcile-messages": {"task": "messaging.tasks.reconcile", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-inbox": {"task": "integrations.tasks.sweep_inbox", "schedule": 5.0, "options": {"expires": 5}},
    "run-simulated-operator": {
        "task": "integrations.tasks.run_simulated_operator",
        "schedule": 1.0,
        "options": {"expires": 1},
    },
    "purge-simulated-operator": {
        "task": "integrations.tasks.purge_simulated_operator",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "collect-oppositions": {"task": "integrations.tasks.collect_oppositions", "schedule": crontab(hour=4, minute=20)},
    "wake-shops": {"task": "integrations.tasks.wake_shops", "schedule": 300.0, "options": {"expires": 300}},
    "ask-balances": {"task": "integrations.tasks.ask_balances", "schedule": 3600.0, "options": {"expires": 3600}},
    "fetch-shopify-orders": {
        "task": "integrations.tasks.fetch_shopify_orders",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "subscribe-to-shopify": {"task": "integrations.tasks.subscribe_to_shopify", "schedule": crontab(hour=4, minute=50)},
    "push-refusals-to-shopify": {
        "task": "integrations.tasks.push_refusals_to_shopify",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "continue-backfills": {
        "task": "integrations.tasks.continue_backfills",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "notice-left-carts": {
        "task": "integrations.tasks.notice_left_carts",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "purge-carts": {"task": "integrations.tasks.purge_carts", "schedule": 3600.0, "options": {"expires": 3600}},
    "purge-inbox": {"task": "integrations.tasks.purge_inbox", "schedule": 3600.0, "options": {"expires": 3600}},
    "retain-contacts": {"task": "audience.tasks.retain", "schedule": crontab(hour=3, minute=40)},
    "forget-old-answers": {"task": "landing.tasks.forget_old_answers", "schedule": crontab(hour=3, minute=55)},
    "publish-pages": {"task": "landing.tasks.publish_scheduled", "schedule": 30, "options": {"expires": 30}},
    "check-domains": {"task": "shortlinks.tasks.check_domains", "schedule": 60, "options": {"expires": 60}},
    "tell-clicks": {"task": "shortlinks.tasks.tell_clicks", "schedule": 2.0, "options": {"expires": 2}},
    "judge-clicks": {"task": "shortlinks.tasks.judge_clicks", "schedule": 10, "options": {"expires": 10}},
    "cut-loose-clicks": {"task": "shortlinks.tasks.cut_loose", "schedule": 600, "options": {"expires": 600}},
    "resume-imports": {"task": "audience.tasks.resume_imports", "schedule": 60, "options": {"expires": 60}},
    "seal-ledgers": {"task": "audience.tasks.seal_ledgers", "schedule": 30, "options": {"expires": 30}},
    "purge-import-files": {
        "task": "audience.tasks.purge_import_files",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "find-dead-numbers": {"task": "messaging.tasks.find_dead_numbers", "schedule": 3600, "options": {"expires": 3600}},
}
