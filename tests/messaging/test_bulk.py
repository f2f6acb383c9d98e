from datetime import timedelta

from django_scopes import scope

from messaging.bulk import update_messages
from messaging.models import Message
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender, make_workspace
from tests.messaging.helpers import send_to_all

NAMES = ("state", "reason", "finished_at", "parts")


def rows_of(workspace):
    with scope(workspace=workspace):
        return list(Message.objects.order_by("pk").values_list(*NAMES))


def test_each_message_gets_its_own_values_and_no_other_workspace_any(workspace, sender, gateway):
    other = make_workspace("other")
    for where, by in ((workspace, sender), (other, make_sender(make_account(other, "scripted")))):
        for number in range(3):
            make_contact(where, f"+3363998010{number}")
        send_to_all(make_batch(by))
    untouched = rows_of(other)
    wanted = [
        (Message.State.DELIVERED, "", TUESDAY, 2),
        (Message.State.REJECTED, "it's \\ {a,b}", None, 2),
        (Message.State.EXPIRED, "null", TUESDAY + timedelta(microseconds=1), 2),
    ]
    with scope(workspace=workspace):
        messages = list(Message.objects.order_by("pk"))
    for message, values in zip(messages, wanted, strict=True):
        vars(message).update(zip(NAMES, values, strict=True))

    update_messages(workspace_id=workspace.pk, messages=messages, names=NAMES)
    update_messages(workspace_id=other.pk, messages=messages, names=NAMES)

    assert rows_of(workspace) == wanted
    assert rows_of(other) == untouched
