import re
from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import OptOut
from audience.queries import is_opted_out
from integrations.gateways.base import IncomingMessage
from integrations.signals import message_received
from messaging.models import InboundMessage, Message
from messaging.services.inbound import confirm_stop, release_hold, take_messages
from messaging.signals import reply_received
from messaging.words import fold, meaning_of
from tests.factories import TUESDAY, make_account, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

PHONE = "+33639980001"
Kind = InboundMessage.Kind


@pytest.fixture
def camille(workspace, sender):
    return make_contact(workspace, PHONE)


@pytest.fixture
def replies():
    heard = []

    def hear(*, message, **_kwargs):
        heard.append(message.text)

    reply_received.connect(hear)
    yield heard
    reply_received.disconnect(hear)


def write(account, text, provider_id="in-1", sender=PHONE, now=TUESDAY):
    message = IncomingMessage(sender=sender, text=text, received_at=now, provider_id=provider_id)
    take_messages(account=account, messages=[message], now=now)


MEAN_STOP = """
STOP | stop |  Stop.  | «STOP» | 🛑 stop 🙏 | Stopp | STOOOP!! | STOP 36180 | stop36180 | stop sms | SMS STOP
ＳＴＯＰ | S.T.O.P | Arrêt | arrêter svp | désabonnement | Fin | Me désabonner | stop pub merci
Arrêtez ! | Stoppez vos messages | Désabonnez-moi svp | Désinscrivez moi
Arrête de m'écrire | ARRETER | ARRÊT | Désabonner | désinscription | UNSUBSCRIBE
Résilier | RESILIER | Désabonne moi | Résiliez ! | STOPSMS | stoppub
S T O P svp | S\u200bTOP | "stop" | ’Stop’ | S\u0301top
"""


@pytest.mark.parametrize("text", re.split(r"[|\n]", MEAN_STOP.strip()))
def test_words_that_mean_stop(text):
    assert meaning_of(text).kind == Kind.STOP


@pytest.mark.parametrize("text", ["CONTACT", "contact ?", "Aide", "HELP"])
def test_words_that_ask_who_we_are(text):
    assert meaning_of(text).kind == Kind.CONTACT


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Oui avec plaisir", False),
        ("", False),
        ("👍", False),
        ("vous fermez à la fin du mois ?", False),
        ("mais stop avec vos messages", True),
        ("je veux me désabonner", True),
        ("non stop ce week-end ?", True),
        ("Je ne veux plus recevoir vos messages", True),
        ("Plus de SMS merci", True),
        ("Ne m'écrivez plus !", True),
        ("Merci de ne plus être contactée", True),
        ("Retirez-moi de votre liste", True),
        ("Supprimez mon numéro", True),
        ("C’est du SPAM, je vous signale au 33700", True),
        ("Je m’oppose, RGPD", True),
        ("Laissez-moi tranquille", True),
        ("🛑", True),
        ("Laissez-moi un message", False),
        ("avez-vous plus de tailles ?", False),
        ("Je viens retirer ma commande", False),
        ("je ne peux plus venir samedi", False),
        ("le fichier est ouvert, on arrive", False),
    ],
)
def test_other_words_are_for_a_person_and_a_hidden_stop_holds_marketing(text, holds):
    meaning = meaning_of(text)

    assert (meaning.kind, meaning.holds_marketing) == (Kind.REPLY, holds)


def test_folding_takes_away_accents_signs_and_case():
    assert fold("  « Arrêtez » : ça SUFFIT ! ") == "arretez ca suffit"


def test_stop_opts_out_of_marketing_and_is_confirmed_once_a_day(account, camille, workspace, gateway):
    for number, hours in enumerate((0, 1, 25)):
        write(account, "STOP", provider_id=f"in-{number}", now=TUESDAY + timedelta(hours=hours))
        run_step(account, TUESDAY + timedelta(hours=hours))

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")
    assert not is_opted_out(workspace=workspace, phone=PHONE, scope="service")
    assert [(o.to, o.sender, o.is_marketing) for o in gateway.taken] == [(PHONE, "LAMBERT", False)] * 2
    assert "Maison Lambert" in gateway.taken[0].text


def test_stop_is_confirmed_in_the_night_too(account, camille, gateway):
    night = TUESDAY.replace(hour=2)
    write(account, "STOP", now=night)

    run_step(account, night)

    assert len(gateway.taken) == 1


def test_a_campaign_under_way_skips_who_said_stop(account, sender, camille, gateway):
    batch = send_to_all(make_batch(sender))

    write(account, "stop")
    run_step(account)

    assert outcome(batch) == [("suppressed", "opted_out")]


def test_no_confirmation_where_the_provider_gives_one(workspace, camille, gateway):
    account = make_account(workspace, "appending")

    write(account, "STOP")

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")
    with scope(workspace=workspace):
        assert Message.objects.count() == 0


def test_a_stop_from_a_number_that_we_do_not_know_counts(account, sender, workspace):
    write(account, "STOP", sender="0639980077")

    assert is_opted_out(workspace=workspace, phone="+33639980077", scope="marketing")


def test_a_stop_counts_in_its_own_workspace_only(account, camille, other_workspace):
    write(account, "STOP")

    assert not is_opted_out(workspace=other_workspace, phone=PHONE, scope="marketing")


def test_contact_is_answered_with_the_details_of_the_brand(account, camille, workspace, gateway):
    workspace.legal_name, workspace.contact_details = "Lambert SARL", "12 rue {Neuve}, Lyon. 04 00 00 00 00"
    workspace.save()
    account.refresh_from_db()

    write(account, "CONTACT")
    run_step(account)

    assert [outgoing.text for outgoing in gateway.taken] == ["Lambert SARL. 12 rue (Neuve), Lyon. 04 00 00 00 00"]


def test_only_replies_are_announced(account, camille, replies):
    for number, text in enumerate(["STOP", "CONTACT", "Oui, samedi"]):
        write(account, text, provider_id=f"in-{number}")

    assert replies == ["Oui, samedi"]


def test_a_repeated_delivery_is_one_row_and_one_opt_out(account, camille, workspace):
    for _time in range(3):
        write(account, "STOP")

    with scope(workspace=workspace):
        assert (InboundMessage.objects.count(), OptOut.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_messages_arrive_by_signal(account, camille, workspace):
    message = IncomingMessage(sender=PHONE, text="stop", received_at=TUESDAY, provider_id="in-1")

    with scope(workspace=workspace):
        message_received.send(sender=None, account=account, messages=[message])

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_somebody_reads_a_held_reply_and_decides(account, camille, workspace):
    write(account, "allez, stop maintenant", "in-1")
    write(account, "c'est non stop ?", "in-2")
    with scope(workspace=workspace):
        wish, question = InboundMessage.objects.order_by("pk")

        confirm_stop(inbound=wish, now=TUESDAY)
        release_hold(inbound=question, now=TUESDAY)

        rows = list(InboundMessage.objects.order_by("pk").values_list("kind", "holds_marketing", "read_at"))
    assert rows == [("stop", False, TUESDAY), ("reply", False, TUESDAY)]
    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_a_stop_counts_though_nobody_could_take_the_reply_before_it(account, workspace, camille):
    def broken(**_kwargs):
        raise RuntimeError

    news = [("in-1", "Bonjour, vous ouvrez quand ?"), ("in-2", "STOP")]
    messages = [IncomingMessage(sender=PHONE, text=text, received_at=TUESDAY, provider_id=name) for name, text in news]
    reply_received.connect(broken)

    try:
        with pytest.raises(RuntimeError):
            take_messages(account=account, messages=messages, now=TUESDAY)
    finally:
        reply_received.disconnect(broken)

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")
