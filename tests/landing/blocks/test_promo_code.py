"""The visitor's own code, to copy or to scan."""

import pytest

from landing.visitors import SAMPLE
from messaging.models import PromoPool
from tests.landing.blocks.showing import refused, shown


def test_it_can_be_copied_and_scanned(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter", shared_code="WINTER")

    html = shown("promo_code", {"pool": str(pool.pk), "has_qr": True})

    assert 'data-copied="Copied">WINTER</code>' in html
    assert 'role="img" aria-label="QR code for the till"' in html


def test_whoever_has_no_code_of_their_own_reads_where_it_is(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter")

    html = shown("promo_code", {"pool": str(pool.pk), "has_qr": True})

    assert ("Your code is in the SMS." in html, "<svg" in html) == (True, False)


def test_a_preview_without_promo_codes_shows_a_sample():
    assert "CAMI-7K2M" in shown("promo_code", {}, visitor=SAMPLE)
    assert "CAMI" not in shown("promo_code", {})


@pytest.mark.parametrize("note", ["x" * 161, "For {first_name}"])
def test_how_to_use_it_is_short_and_for_everybody(note):
    assert refused("promo_code", {"note": note})
