"""A brake on password guessing: after too many failures, further tries are refused unread for a quarter of an hour.

Counted in Django's cache (one for all processes where there is Redis), under keyed hashes: neither addresses nor
accounts stand there. An account is counted together with the network that tries, so that nobody locks a colleague out;
tries from everywhere at once count as well, except for networks that the account has signed in from before.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.addresses import network_of
from accounts.keys import keyed_index

PERIOD_SECONDS = 900
MOST_PER_ACCOUNT_AND_NETWORK, MOST_PER_NETWORK, MOST_PER_ACCOUNT = 10, 60, 100
KNOWN_SECONDS = 90 * 86_400


class BrakeBackend:
    """Stands before the others and keeps guessers out. It lets nobody in, so it has no `get_user`."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: object
    ) -> AbstractBaseUser | None:
        if request is not None and username and is_braked(request, username):
            raise PermissionDenied
        return None


def is_braked(request: HttpRequest, username: str) -> bool:
    failures = cache.get_many(limits := _limits(request, username))
    reached = [key for key, most in limits.items() if failures.get(key, 0) >= most]
    if reached == [_key(username)] and cache.get(_known(request, username)):
        return False
    return bool(reached)


def note_failure(request: HttpRequest, username: str) -> None:
    for key in _limits(request, username):
        cache.add(key, 0, PERIOD_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # it expired between the two
            continue


def note_success(request: HttpRequest, username: str) -> None:
    cache.delete(_key(username, network_of(request.META["REMOTE_ADDR"])))
    cache.set(_known(request, username), True, KNOWN_SECONDS)


def _limits(request: HttpRequest, username: str) -> dict[str, int]:
    network = network_of(request.META["REMOTE_ADDR"])
    return {
        _key(username, network): MOST_PER_ACCOUNT_AND_NETWORK,
        _key("", network): MOST_PER_NETWORK,
        _key(username): MOST_PER_ACCOUNT,
    }


def _known(request: HttpRequest, username: str) -> str:
    return _key("known", username, network_of(request.META["REMOTE_ADDR"]))


def _key(*parts: str) -> str:
    return f"login:{keyed_index('|'.join(part.strip().lower() for part in parts)).hex()}"
