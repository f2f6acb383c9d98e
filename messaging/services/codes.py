"""One-time codes are not kept: docs/decisions/0021-one-time-codes.md."""

from collections.abc import Collection, Mapping

from messaging.compose import CODE_FIELD
from messaging.models import Message


def without_code(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name != CODE_FIELD}


def forget_codes(*, messages: Collection[int]) -> None:
    """Of messages whose codes are good for nothing any more. In their workspace's scope; it may run twice."""
    for message in Message.objects.filter(pk__among=messages).select_for_update().only("merge_values"):
        message.merge_values = without_code(message.merge_values)
        message.save(update_fields=["merge_values"])
