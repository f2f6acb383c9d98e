"""Guessing a password is slow; a colleague beside the guesser, or a busy address, is not locked out."""

import pytest
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.test import Client

from accounts import brake
from tests.factories import make_member

GUESSER, HOME = "203.0.113.9", "198.51.100.1"
RIGHT, WRONG = "correct horse battery", "wrong"
WORDS = "Too many failed tries"


@pytest.fixture
def owner(workspace):
    return make_member(workspace, email="anna@lambert.example")


def sign_in(owner, password, address=GUESSER, email=""):
    return Client(REMOTE_ADDR=address).post("/admin/login/", {"username": email or owner.email, "password": password})


def fail(owner, times, address=GUESSER, email=""):
    return [sign_in(owner, WRONG, address, email) for _ in range(times)]


def test_after_ten_failures_the_right_password_is_refused_too(owner):
    answers = fail(owner, 10)

    assert WORDS not in answers[8].content.decode()
    answer = sign_in(owner, RIGHT)
    assert (answer.status_code, WORDS in answer.content.decode()) == (200, True)


def test_nobody_is_locked_out_from_elsewhere_nor_a_colleague_beside(owner, workspace):
    colleague = make_member(workspace, email="ben@lambert.example")
    fail(owner, 10, email="ANNA@lambert.example ")

    assert sign_in(owner, RIGHT).status_code == 200
    assert sign_in(owner, RIGHT, HOME).status_code == 302
    assert sign_in(colleague, RIGHT).status_code == 302


def test_a_neighbour_in_the_same_network_counts_with_the_guesser(owner):
    fail(owner, 10)

    assert sign_in(owner, RIGHT, "203.0.113.77").status_code == 200


def test_a_success_forgets_the_failures_before_it(owner):
    fail(owner, 9)
    sign_in(owner, RIGHT)
    fail(owner, 9)

    assert sign_in(owner, RIGHT).status_code == 302


def test_a_network_that_tries_many_accounts_is_refused(owner, monkeypatch):
    monkeypatch.setattr(brake, "MOST_PER_NETWORK", 12)
    for number in range(12):
        fail(owner, 1, email=f"user{number}@lambert.example")

    assert sign_in(owner, RIGHT).status_code == 200
    assert sign_in(owner, RIGHT, HOME).status_code == 302


def test_tries_from_everywhere_stop_all_but_networks_the_account_is_known_from(owner, monkeypatch):
    monkeypatch.setattr(brake, "MOST_PER_ACCOUNT", 12)
    sign_in(owner, RIGHT, HOME)
    for number in range(12):
        fail(owner, 1, f"10.0.{number}.1")

    assert sign_in(owner, RIGHT, "192.0.2.1").status_code == 200
    assert sign_in(owner, RIGHT, HOME).status_code == 302


def test_neither_address_nor_account_stand_in_the_cache(owner):
    fail(owner, 1)

    kept = repr(keys_of_the_cache())
    assert [word in kept for word in (GUESSER, "anna", "login:")] == [False, False, True]


def keys_of_the_cache() -> list[object]:
    """In a process, or in Redis."""
    store = cache._cache
    return store.get_client().keys() if hasattr(store, "get_client") else list(store)


def test_failures_without_a_request_count_for_nobody(owner):
    user_login_failed.send(sender=None, credentials={"username": owner.email}, request=None)

    assert sign_in(owner, RIGHT).status_code == 302
