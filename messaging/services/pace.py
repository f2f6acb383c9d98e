"""How fast an account goes: one bucket of tokens for all workers, one claimer at a time, slower after throttling.

The bucket is in Redis where there is one, else in a row that is locked for a moment at every claim: both hold over
any number of machines. While Redis can't be reached, the row lets a tenth of the rate through: some worker
may still be taking from Redis.
"""

import logging
from datetime import datetime, timedelta
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from integrations.models import GatewayAccount
from messaging.models import Pace

logger = logging.getLogger(__name__)

# A claimer that says nothing for so long is dead.
CLAIMER_LEASE = timedelta(seconds=5)
# Without Redis, where there should be one.
SLOW_SHARE = 0.1
# After throttling: half of what it was, and everything again after ten quiet minutes.
LEAST_SHARE = 1 / 32
GROWS_BACK = timedelta(minutes=10)
LEAST_RATE = 0.2
REDIS_SECONDS = 0.2
# A clock that was put back must not leave the bucket dry; clocks of several machines differ by less.
CLOCKS_DIFFER_SECONDS = 5

TAKE = """
local rate, size, wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local row = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(row[1]) or size, tonumber(row[2]) or now
if at > now + tonumber(ARGV[5]) then at = now end
tokens = math.min(size, tokens + math.max(0, now - at) * rate)
local taken = math.min(wanted, math.floor(tokens + 1e-6))
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - taken))
redis.call('HSET', KEYS[1], 'at', string.format('%.6f', math.max(at, now)))
redis.call('EXPIRE', KEYS[1], 3600)
return taken
"""


def slice_size(rate: float, max_batch: int) -> int:
    """A tenth of a second's worth: what one call may take, and how much the bucket holds."""
    return max(1, min(int(rate) // 10, max_batch))


def lock_pace(account: GatewayAccount, now: datetime) -> Pace:
    """The account's row, locked until the transaction ends."""
    rows = Pace.objects.filter(account=account).select_for_update()
    if (row := rows.first()) is None:
        full = {"workspace": account.workspace, "refilled_at": now, "tokens": account.rate_per_second}
        Pace.objects.get_or_create(account=account, defaults=full)
        row = rows.get()
    return row


def is_taken(pace: Pace, claimer: str, now: datetime) -> bool:
    """Whether somebody else is at work here."""
    return pace.claimer not in {"", claimer} and pace.claimer_until is not None and pace.claimer_until > now


def rate_of(pace: Pace, account: GatewayAccount, now: datetime) -> float:
    """Messages a second that the account may take now."""
    return max(LEAST_RATE, account.rate_per_second * share_of(pace, now))


def share_of(pace: Pace, now: datetime) -> float:
    """How much of its rate is left to an account that was throttled; it grows back with time."""
    if pace.slowed_at is None:
        return 1.0
    return min(1.0, pace.rate_share + max(0.0, (now - pace.slowed_at) / GROWS_BACK))


def slow_down(pace: Pace, now: datetime) -> None:
    pace.rate_share, pace.slowed_at = max(LEAST_SHARE, share_of(pace, now) / 2), now


def take(account: GatewayAccount, pace: Pace, *, wanted: int, rate: float, size: int, now: datetime) -> int:
    """Take up to `wanted` tokens, one a message; how many there were. The row is locked."""
    if not settings.REDIS_URL:
        return _take_from_row(pace, wanted, rate, size, now)
    try:
        return _take_from_redis(account, wanted, rate, size, now)
    except redis.RedisError:
        logger.warning("Redis does not answer: account %s goes at a tenth of its rate.", account.pk)
        slow = max(LEAST_RATE, rate * SLOW_SHARE)
        return _take_from_row(pace, wanted, slow, slice_size(slow, size), now)


def _take_from_redis(account: GatewayAccount, wanted: int, rate: float, size: int, now: datetime) -> int:
    arguments = [rate, size, wanted, now.timestamp(), CLOCKS_DIFFER_SECONDS]
    return int(_script(settings.REDIS_URL)(keys=[f"chappe:tokens:{account.public_id}"], args=arguments))


@cache
def _script(url: str) -> Script:
    patient = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    # A call that is repeated would take twice.
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patient).register_script(TAKE)


def _take_from_row(pace: Pace, wanted: int, rate: float, size: int, now: datetime) -> int:
    since = (now - pace.refilled_at).total_seconds()
    is_put_back = since < -CLOCKS_DIFFER_SECONDS
    tokens = min(float(size), pace.tokens + max(0.0, since) * rate)
    taken = min(wanted, int(tokens + 1e-6))
    pace.tokens, pace.refilled_at = max(0.0, tokens - taken), now if is_put_back else max(now, pace.refilled_at)
    return taken


def keep(pace: Pace, *, claimer: str, now: datetime) -> None:
    pace.claimer, pace.claimer_until = claimer, now + CLAIMER_LEASE
    pace.save(update_fields=["tokens", "refilled_at", "claimer", "claimer_until"])


def resign(account: GatewayAccount, claimer: str) -> None:
    """Let the next claimer in at once."""
    Pace.objects.filter(account=account, claimer=claimer).update(claimer="", claimer_until=None)
