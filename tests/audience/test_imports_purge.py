"""Files and refused lines stay for a week, whatever has become of their import."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from audience import tasks
from audience.models import Contact, ContactImport, ImportPiece
from audience.services.imports import ImportTakenOver, keep_file, refused_lines, run_import
from chappe.celery import app
from tests.audience.bringing import bring, launch

SHOP = "mobile;prénom\n0639980001;Ana\n0142685300;Béa\n"
WEEK = timedelta(days=7)


def ago(**time):
    return timezone.now() - timedelta(**time)


def states():
    return list(ContactImport.objects.order_by("pk").values_list("state", flat=True))


def test_every_kind_of_import_loses_its_file_and_refused_lines_after_a_week(workspace, other_workspace):
    for each in (workspace, other_workspace):
        with scope(workspace=each):
            keep_file(workspace=each, file_name="draft.csv", content=SHOP.encode(), now=ago(days=7, minutes=1))
            launch(each, SHOP, now=ago(days=8))
            bring(each, SHOP, now=ago(days=9))

    tasks.purge_import_files()

    for each in (workspace, other_workspace):
        with scope(workspace=each):
            assert states() == ["cancelled", "cancelled", "done"]
            assert ImportPiece.objects.count() == 0
            assert list(ContactImport.objects.values_list("purge_at", "header")) == [(None, [])] * 3
            assert list(Contact.objects.values_list("first_name", flat=True)) == ["Ana"]


def test_younger_files_and_refused_lines_stay(in_workspace):
    keep_file(workspace=in_workspace, file_name="draft.csv", content=SHOP.encode(), now=ago(days=6))
    running = launch(in_workspace, SHOP, now=ago(days=6, hours=23))
    done = bring(in_workspace, SHOP, now=ago(days=6, hours=23))
    pieces = ImportPiece.objects.count()

    tasks.purge_import_files()

    assert states() == ["draft", "running", "done"]
    assert ImportPiece.objects.count() == pieces == 3
    assert [reject["code"] for reject in refused_lines(done)] == ["landline"]
    assert run_import(contact_import=running, now=timezone.now()).state == "done"


def test_a_worker_whose_file_goes_away_under_it_stops_and_brings_in_nothing(in_workspace):
    running = launch(in_workspace, SHOP, now=ago(days=8))
    tasks.purge_import_files()

    with pytest.raises(ImportTakenOver):
        run_import(contact_import=running, now=timezone.now())

    assert states() == ["cancelled"]
    assert Contact.objects.count() == 0


def test_the_purge_runs_every_hour():
    entries = [one for one in app.conf.beat_schedule.values() if one["task"] == tasks.purge_import_files.name]

    assert [one["schedule"] <= 3600 for one in entries] == [True]


def test_an_import_of_long_ago_is_still_shown_and_gives_no_refused_lines(workspace, owner_client):
    with scope(workspace=workspace):
        done = bring(workspace, SHOP, now=ago(days=8))
    tasks.purge_import_files()

    page = owner_client.get(f"/admin/audience/imports/inspect/{done.pk}/")
    download = owner_client.post(f"/admin/audience/imports/refused/{done.pk}/")

    assert page.status_code == 200
    assert "0142685300" not in page.text + download.getvalue().decode()
