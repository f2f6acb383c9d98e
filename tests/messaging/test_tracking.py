from django_scopes import scope

from messaging.services.batches import add_recipients, queue_message
from messaging.services.tracking import stop_following
from shortlinks.models import Click, QuietNumber
from tests.factories import (
    TUESDAY,
    make_account,
    make_audience,
    make_batch,
    make_click,
    make_contact,
    make_link,
    make_sender,
)


def test_whoever_refuses_is_forgotten_in_every_message_they_got(in_workspace, other_workspace):
    """And nobody else is, not even the same person with another shop."""
    places = {}
    for workspace in (in_workspace, other_workspace):
        sender = make_sender(make_account(workspace, gateway="scripted"))
        links = {"link": make_link(workspace), "shop_link": make_link(workspace)}
        batch = make_batch(sender, "Voir {link} ou {shop_link}", links=links)
        with scope(workspace=workspace):
            crowd = make_audience(workspace, 3).contacts.all()
            add_recipients(batch=batch, contacts=crowd, due_at=TUESDAY, now=TUESDAY)
            contact = make_contact(workspace)
            message = queue_message(
                batch=batch, contact=contact, values={}, idempotency_key="one", due_at=TUESDAY, now=TUESDAY
            )
            for link in links.values():
                make_click(link, message.position)
                make_click(link, 0)
        places[workspace] = contact, message.position

    contact, position = places[in_workspace]
    stop_following(workspace=in_workspace, contact=contact)

    assert list(Click.objects.order_by("pk").values_list("position", flat=True)) == [None, 0, None, 0]
    assert set(QuietNumber.objects.values_list("position", flat=True)) == {position}
    assert QuietNumber.objects.count() == 2
    with scope(workspace=other_workspace):
        assert list(Click.objects.order_by("pk").values_list("position", flat=True)) == [position, 0, position, 0]
