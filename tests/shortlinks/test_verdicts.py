from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.addresses import network_of
from accounts.keys import dated_address_hash
from shortlinks import registry
from shortlinks.models import Click, Confirmation, Verdict, VerdictChange
from shortlinks.services import forget_positions, reserve_range
from shortlinks.services.news import tell_news
from shortlinks.services.verdicts import MANY_CODES, confirm_visit, judge_again
from shortlinks.signals import link_clicked
from shortlinks.visits import make_visit_token
from tests.factories import TUESDAY, make_click, make_link

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.7"
PHONE = "Mozilla/5.0 (iPhone) Safari"
LATER = TUESDAY + timedelta(minutes=3)


def network(address, moment=TUESDAY):
    return dated_address_hash(network_of(address), str(int(moment.timestamp()) // 86_400))


@pytest.fixture
def link(workspace):
    link = make_link(workspace, carries_visit=True)
    reserve_range(link=link, size=100, now=TUESDAY)
    return link


def click(link, verdict, position=0, **fields):
    known = {"visitor": network(HOME), "user_agent": PHONE, "reason": "raw"}
    return make_click(link, position, verdict=verdict, **(known | fields))


def confirm(link, address=HOME, user_agent=PHONE, now=TUESDAY + timedelta(seconds=2), made=TUESDAY):
    number = link.ranges.get().start
    token = make_visit_token(domain=link.domain, number=number, now=made)
    return confirm_visit(workspace=link.workspace, token=token, address=address, user_agent=user_agent, now=now)


def verdicts(workspace):
    with scope(workspace=workspace):
        return list(Click.objects.order_by("pk").values_list("verdict", "reason"))


def test_a_page_that_was_shown_lifts_unsure_and_keeps_what_was_said_before(workspace, link):
    with scope(workspace=workspace):
        unsure = click(link, Verdict.UNSURE)
        confirm(link)

    changed = [judge_again(now=LATER), judge_again(now=LATER)]

    assert (changed, verdicts(workspace)) == ([1, 0], [("human", "page-shown")])
    with scope(workspace=workspace):
        kept = VerdictChange.objects.values_list("click", "before", "reason_before", "after", "reason", "changed_at")
        assert list(kept) == [(unsure.pk, "unsure", "raw", "human", "page-shown", LATER)]


def test_a_bot_stays_a_bot_and_a_person_after_it_counts(workspace, link):
    with scope(workspace=workspace):
        click(link, Verdict.BOT)
        click(link, Verdict.UNSURE, clicked_at=TUESDAY + timedelta(seconds=1))
        confirm(link)

    judge_again(now=LATER)

    assert verdicts(workspace) == [("bot", "raw"), ("human", "page-shown")]


@pytest.mark.parametrize(
    "viewer",
    [
        {"address": ELSEWHERE},
        {"user_agent": "another"},
        {"now": TUESDAY + timedelta(minutes=31)},
        {"made": TUESDAY - timedelta(minutes=40)},
    ],
)
def test_another_viewer_or_a_late_one_lifts_nothing(workspace, link, viewer):
    with scope(workspace=workspace):
        click(link, Verdict.UNSURE)
        confirm(link, **viewer)

    judge_again(now=LATER)

    assert verdicts(workspace) == [("unsure", "raw")]


def test_a_token_that_is_made_up_or_another_workspace_s_confirms_nothing(workspace, other_workspace, link):
    with scope(workspace=workspace):
        token = make_visit_token(domain=link.domain, number=link.ranges.get().start, now=TUESDAY)
    viewer = {"address": HOME, "user_agent": PHONE, "now": TUESDAY}

    worth = [
        confirm_visit(workspace=other_workspace, token=token, **viewer),
        confirm_visit(workspace=workspace, token="A" * 22, **viewer),
        confirm_visit(workspace=workspace, token=token, **viewer),
    ]

    assert worth == [False, False, True]


def test_a_replay_notes_nothing_new(workspace, link):
    with scope(workspace=workspace):
        for turn in range(30):
            confirm(link, user_agent=f"{PHONE} {turn}")
            confirm(link)

        assert Confirmation.objects.count() <= 5


def test_many_codes_from_one_network_at_once_are_unsure_unless_a_page_was_shown(workspace, link):
    with scope(workspace=workspace):
        for place in range(MANY_CODES + 1):
            click(link, Verdict.HUMAN, place, clicked_at=TUESDAY + timedelta(seconds=place))
        click(link, Verdict.HUMAN, 50, visitor=network(ELSEWHERE))
        confirm(link)

    changed = judge_again(now=LATER)

    crowd = [("unsure", "one-network-many-codes")] * MANY_CODES
    assert verdicts(workspace) == [("human", "raw"), *crowd, ("human", "raw")]
    assert changed == MANY_CODES


def test_a_busy_operator_s_network_is_no_robot(workspace, link):
    with scope(workspace=workspace):
        for place in range(MANY_CODES + 5):
            click(link, Verdict.HUMAN, place, clicked_at=TUESDAY + timedelta(seconds=5 * place))

    assert judge_again(now=LATER) == 0


@pytest.mark.parametrize(
    ("seconds", "is_shown", "verdict"), [(2, False, "unsure"), (2, True, "human"), (30, False, "human")]
)
def test_a_click_right_at_delivery_wants_a_page_that_was_shown(
    workspace, link, monkeypatch, seconds, is_shown, verdict
):
    delivered = TUESDAY - timedelta(seconds=seconds)
    monkeypatch.setattr(registry, "_delivery_times", [lambda link, positions: dict.fromkeys(positions, delivered)])
    with scope(workspace=workspace):
        click(link, Verdict.HUMAN)
        if is_shown:
            confirm(link)

    judge_again(now=LATER)

    assert verdicts(workspace)[0][0] == verdict


def test_a_target_of_somebody_else_s_is_not_asked_to_confirm(workspace, monkeypatch):
    link = make_link(workspace, carries_visit=False)
    monkeypatch.setattr(registry, "_delivery_times", [lambda link, positions: dict.fromkeys(positions, TUESDAY)])
    with scope(workspace=workspace):
        click(link, Verdict.HUMAN)

    assert judge_again(now=LATER) == 0


def test_whoever_listens_hears_of_people_that_were_found_later(workspace, link):
    heard = []

    def hear(clicks, **_):
        heard.append([(each.position, each.verdict) for each in clicks])

    with scope(workspace=workspace):
        click(link, Verdict.UNSURE)
        confirm(link)
    link_clicked.connect(hear)
    try:
        judge_again(now=LATER)
        tell_news()
    finally:
        link_clicked.disconnect(hear)

    assert heard == [[(0, "human")]]


def test_who_refuses_to_be_followed_takes_their_confirmations_along(workspace, link):
    with scope(workspace=workspace):
        confirm(link)

        forget_positions(link=link, positions=[0])

        assert not Confirmation.objects.exists()


def test_confirmations_are_kept_for_a_day(workspace, link):
    with scope(workspace=workspace):
        confirm(link)

    judge_again(now=TUESDAY + timedelta(days=1, minutes=1))

    with scope(workspace=workspace):
        assert not Confirmation.objects.exists()


def test_one_workspace_s_pages_say_nothing_about_another_s_clicks(workspace, other_workspace, link):
    theirs = make_link(other_workspace, carries_visit=True)
    reserve_range(link=theirs, size=1, now=TUESDAY)
    click(theirs, Verdict.UNSURE)
    with scope(workspace=workspace):
        confirm(link)

    assert judge_again(now=LATER) == 0
