"""Lists, tags, consent, opposition."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.models import ContactList, ListMembership, OptOutScope, Purpose, Tag, Tagging
from audience.segments.conditions import Comparison, Condition, Moment, Values
from audience.segments.inputs import Choice
from audience.segments.library.sections import CHOICE
from audience.standing import said_no, says_yes


def lists(workspace: Workspace) -> Iterator[tuple[str, str]]:
    rows = ContactList.objects.filter(workspace=workspace).order_by("name").values_list("pk", "name")
    yield from ((str(key), name) for key, name in rows)


def tags(workspace: Workspace) -> Iterator[tuple[str, str]]:
    rows = Tag.objects.filter(workspace=workspace).order_by("name").values_list("pk", "name")
    yield from ((str(key), name) for key, name in rows)


def is_in_list(moment: Moment, values: Values) -> Q:
    return Q(Exists(ListMembership.objects.filter(contact=OuterRef("pk"), contact_list=int(values["value"]))))


def has_tag(moment: Moment, values: Values) -> Q:
    return Q(Exists(Tagging.objects.filter(contact=OuterRef("pk"), tag=int(values["value"]))))


LIST = Choice("value", _("list"), lists)
TAG = Choice("value", _("tag"), tags)

BELONGING = (
    Condition(
        "list", _("List"), CHOICE,
        (
            Comparison("in", _("is {value}"), is_in_list, (LIST,), _("In the list {value}")),
            Comparison(
                "out", _("is not {value}"), lambda *asked: ~is_in_list(*asked), (LIST,), _("Not in the list {value}")
            ),
        ),
    ),
    Condition(
        "tag", _("Tag"), CHOICE,
        (
            Comparison("has", _("is {value}"), has_tag, (TAG,), _("Has the tag {value}")),
            Comparison(
                "lacks", _("is not {value}"), lambda *asked: ~has_tag(*asked), (TAG,), _("Lacks the tag {value}")
            ),
        ),
    ),
    Condition(
        "consent", _("Consent to marketing"), CHOICE,
        (
            Comparison("yes", _("was given"), lambda moment, values: says_yes(Purpose.MARKETING)),
            Comparison("no", _("was not given"), lambda moment, values: ~says_yes(Purpose.MARKETING)),
        ),
    ),
    Condition(
        "tracking", _("Consent to individual tracking"), CHOICE,
        (
            Comparison("yes", _("was given"), lambda moment, values: says_yes(Purpose.TRACKING)),
            Comparison("no", _("was not given"), lambda moment, values: ~says_yes(Purpose.TRACKING)),
        ),
    ),
    Condition(
        "opted_out", _("STOP"), CHOICE,
        (
            Comparison(
                "yes", _("was said"), lambda moment, values: said_no(OptOutScope.MARKETING), sentence=_("Said STOP")
            ),
            Comparison(
                "no", _("was never said"), lambda moment, values: ~said_no(OptOutScope.MARKETING),
                sentence=_("Never said STOP"),
            ),
        ),
    ),
)  # fmt: skip
