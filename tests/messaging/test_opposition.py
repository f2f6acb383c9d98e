"""Whatever happens to a number that said STOP, no marketing goes there before its own phone has said yes again."""

import base64
import random
from datetime import timedelta
from uuid import uuid4

from django.conf import settings as site
from django.test import TestCase, override_settings
from django_scopes import scope
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.keys import opt_out_hashes
from audience.models import AudienceSettings, Consent, Contact, ContactList
from audience.queries import contact_of, has_consent, is_opted_out, reachable_contacts
from audience.services import NothingToWithdraw, add_contact, grant_consent, withdraw_consent
from audience.services.blocks import block_number, hold_marketing, lift_block, release_marketing
from audience.services.erasure import erase_contact
from audience.services.imports import Proof, run_import, start_import
from audience.services.ledger import recount
from audience.services.merging import merge_contacts
from audience.services.numbers import NumberTaken, change_number
from audience.standing import says_yes
from messaging.gate import Admit, examine
from messaging.models import Message
from messaging.queries import writable_contacts
from messaging.services.batches import add_recipients, start_batch
from messaging.services.double_opt_in import NotPending, confirm_request, pending_of, sign_up
from messaging.services.opt_out import opt_out
from tests.check import ROOT
from tests.factories import TUESDAY, make_account, make_batch, make_sender, make_workspace

PHONES = [f"+3363998000{number}" for number in range(4)]
WORDS = "I agree to receive offers by SMS."
workspaces, phones = st.integers(0, 1), st.sampled_from(PHONES)


class Oppositions(RuleBasedStateMachine):
    """Two brands, four numbers, everything that can happen to them; `opposed` is a plain Python opinion of it."""

    def __init__(self):
        super().__init__()
        self.keys = override_settings()
        self.keys.enable()
        self.workspaces = [make_workspace(f"w{uuid4().hex}") for _number in range(2)]
        self.batches = []
        for workspace in self.workspaces:
            account = make_account(workspace, "scripted")
            self.batches.append(make_batch(make_sender(account)))
        self.opposed = [set(), set()]
        self.steps = 0

    def teardown(self):
        try:
            for place, workspace in enumerate(self.workspaces):
                self.the_gate_admits_no_opposed(place, workspace)
        finally:
            self.keys.disable()

    @property
    def now(self):
        return TUESDAY + timedelta(minutes=self.steps)

    def contact(self, place, phone):
        return contact_of(workspace=self.workspaces[place], phone=phone)

    def step(self):
        self.steps += 1

    @rule(place=workspaces, phone=phones, source=st.sampled_from(["SMS", "page", "provider"]))
    def somebody_says_stop(self, place, phone, source):
        self.step()
        opt_out(workspace=self.workspaces[place], phone=phone, scope="marketing", source=source, now=self.now)
        self.opposed[place].add(phone)

    @rule(place=workspaces, phone=phones, agrees=st.booleans())
    def somebody_is_added(self, place, phone, agrees):
        self.step()
        workspace = self.workspaces[place]
        contact = add_contact(workspace=workspace, phone=phone, source="shop")
        if agrees:
            yes = {"purpose": "marketing", "source": "shop", "wording": WORDS, "occurred_at": self.now}
            grant_consent(workspace=workspace, contact=contact, now=self.now, **yes)

    @rule(place=workspaces, has_proof=st.booleans())
    def a_file_is_brought_in(self, place, has_proof):
        self.step()
        workspace = self.workspaces[place]
        proof = Proof(source="card", wording=WORDS, occurred_at=self.now) if has_proof else None
        with scope(workspace=workspace):
            contact_list, _is_new = ContactList.objects.get_or_create(workspace=workspace, name="All")
            content = "\n".join(["mobile", *PHONES]).encode()
            file = {"file_name": "all.csv", "content": content, "proof": proof, "contact_list": contact_list}
            run_import(contact_import=start_import(workspace=workspace, now=self.now, **file), now=self.now)

    @rule(place=workspaces, phone=phones)
    def somebody_is_erased(self, place, phone):
        self.step()
        with scope(workspace=self.workspaces[place]):
            if contact := self.contact(place, phone):
                erase_contact(contact=contact, by=None, now=self.now)

    @rule(place=workspaces, kept=phones, gone=phones)
    def two_become_one(self, place, kept, gone):
        self.step()
        with scope(workspace=self.workspaces[place]):
            first, second = self.contact(place, kept), self.contact(place, gone)
            if not first or not second or first == second:
                return
            merge_contacts(kept=first, gone=second, by=None, now=self.now)
        if {kept, gone} & self.opposed[place]:
            self.opposed[place] |= {kept, gone}

    @rule(place=workspaces, old=phones, new=phones)
    def somebody_changes_numbers(self, place, old, new):
        self.step()
        with scope(workspace=self.workspaces[place]):
            contact = self.contact(place, old)
            if contact is None or old == new:
                return
            try:
                change_number(contact=contact, phone=new, now=self.now)
            except NumberTaken:
                return
        if old in self.opposed[place]:
            self.opposed[place].add(new)

    @rule(place=workspaces, phone=phones)
    def somebody_signs_up(self, place, phone):
        self.step()
        if contact := self.contact(place, phone):
            sign_up(workspace=self.workspaces[place], contact=contact, source="form", wording=WORDS, now=self.now)

    @rule(place=workspaces, phone=phones, minutes_ago=st.integers(0, 6))
    def the_phone_says_yes_perhaps_a_while_ago(self, place, phone, minutes_ago):
        self.step()
        contact, said_at = self.contact(place, phone), self.now - timedelta(minutes=minutes_ago)
        asked = pending_of(contact=contact, at=said_at) if contact else None
        if asked is None:
            return
        try:
            confirm_request(request=asked, source="SMS", said_at=said_at, now=self.now, evidence={})
        except NotPending:
            return
        self.opposed[place].discard(phone)

    @rule(place=workspaces, phone=phones)
    def somebody_takes_a_yes_back(self, place, phone):
        self.step()
        workspace, contact = self.workspaces[place], self.contact(place, phone)
        if contact is None:
            return
        said = {"purpose": "marketing", "source": "admin", "now": self.now}
        try:
            with scope(workspace=workspace):
                withdraw_consent(workspace=workspace, contact=contact, **said)
        except NothingToWithdraw:
            return
        self.opposed[place].add(phone)

    @rule(place=workspaces, phone=phones, is_lifted=st.booleans())
    def a_block_or_a_hold_comes_and_goes(self, place, phone, is_lifted):
        self.step()
        workspace = self.workspaces[place]
        hold_marketing(workspace=workspace, phone=phone, source="SMS", now=self.now)
        block = block_number(workspace=workspace, phone=phone, kind="manual", source="call", now=self.now)
        if is_lifted:
            with scope(workspace=workspace):
                lift_block(block=block, now=self.now)
            release_marketing(workspace=workspace, phone=phone, source="Lucie", now=self.now)

    @rule()
    def keys_are_rotated(self):
        fresh = base64.b64encode(random.randbytes(32)).decode()
        site.OPT_OUT_KEYS = [f"k{len(site.OPT_OUT_KEYS)}:{fresh}", *site.OPT_OUT_KEYS]
        site.SEAL_KEYS = [f"k{len(site.SEAL_KEYS)}:{fresh}", *site.SEAL_KEYS]

    @rule(place=workspaces, wants=st.booleans())
    def double_opt_in_is_switched(self, place, wants):
        workspace = self.workspaces[place]
        with scope(workspace=workspace):
            AudienceSettings.objects.update_or_create(workspace=workspace, defaults={"double_opt_in": wants})

    @invariant()
    def nobody_opposed_is_counted_as_writable(self):
        for place, workspace in enumerate(self.workspaces):
            with scope(workspace=workspace):
                people = Contact.objects.all()
                writable = set(writable_contacts(people, now=self.now)) | set(reachable_contacts(people))
                assert not {contact.phone for contact in writable} & self.opposed[place]
            for phone in self.opposed[place]:
                assert is_opted_out(workspace=workspace, phone=phone, scope="marketing")

    @invariant()
    def the_ledger_says_the_same_in_whatever_order_it_is_read(self):
        for place, workspace in enumerate(self.workspaces):
            with scope(workspace=workspace):
                rows = list(Consent.objects.filter(purpose="marketing"))
            random.Random(self.steps).shuffle(rows)
            assert {phone for phone in PHONES if says_no(phone, rows)} == self.opposed[place]

    @invariant()
    def contacts_know_what_their_ledger_says_of_marketing(self):
        for workspace in self.workspaces:
            with scope(workspace=workspace):
                agreed = {
                    contact for contact in Contact.objects.all() if has_consent(contact=contact, purpose="marketing")
                }
                assert set(Contact.objects.filter(says_yes("marketing"))) == agreed
            assert recount(workspace=workspace) == 0

    def the_gate_admits_no_opposed(self, place, workspace):
        """Queued before or after: the gate looks at the last moment."""
        batch = self.batches[place]
        with scope(workspace=workspace):
            add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=self.now, now=self.now)
            start_batch(batch=batch, by=None, now=self.now)
            messages = list(Message.objects.filter(batch=batch).select_related("batch", "team_number"))
            verdicts = examine(messages, account=batch.account, now=self.now).values()
            admitted = {verdict.to for verdict in verdicts if isinstance(verdict, Admit)}
        assert not admitted & self.opposed[place]


def says_no(phone, rows):
    """What the ledger alone says of a number: its last word counts; on a tie, the no. A mere grant lifts nothing."""
    hashes = opt_out_hashes(phone)
    words = [row for row in rows if bytes(row.number_hash) in hashes and row.act in {"withdrawn", "confirmed"}]
    words.sort(key=lambda row: (row.occurred_at, row.act == "withdrawn"))
    return bool(words) and words[-1].act == "withdrawn"


class OppositionsCase(TestCase, Oppositions.TestCase):
    settings = settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))


def test_only_two_acts_lift_an_opposition():
    """Whoever adds a third says on which legal ground: docs/decisions/0011-what-lifts-an-opt-out.md."""
    rooms = ("audience", "campaigns", "integrations", "landing", "messaging", "reports")
    sources = (path for room in rooms for path in (ROOT / room).rglob("*.py"))
    callers = {path.name for path in sources if "lift_opt_out(" in path.read_text(encoding="utf-8")}

    assert callers == {"opt_outs.py", "consents.py", "preferences.py"}


def test_nobody_goes_past_the_one_door_of_stop():
    """`messaging.services.opt_out` is the door; audience itself, merging and the demo's history stand behind it."""
    rooms = ("campaigns", "integrations", "landing", "messaging", "reports")
    sources = (path for room in rooms for path in (ROOT / room).rglob("*.py"))
    callers = {path.name for path in sources if "record_opt_out" in path.read_text(encoding="utf-8")}

    assert callers == {"opt_out.py"}
