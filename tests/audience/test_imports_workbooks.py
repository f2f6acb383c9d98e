"""XLSX and ODS as spreadsheets keep them: numbers as figures, days as serials, and more than one sheet."""

import io
import zipfile
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

import openpyxl
import pytest

from audience.models import Attribute, Consent, Contact
from audience.services.imports import choose_sheet, keep_file, launch_import, refused_lines, run_import
from tests.audience.bringing import PROVEN, bring
from tests.factories import TUESDAY

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
MIME = "application/vnd.oasis.opendocument.spreadsheet"
NOTES = [["Ce classeur est celui du salon de Nantes"]]
OLD = [["Mobile"], ["0639980009"]]
HEAD = ["Mobile", "Prénom", "Naissance", "Pointure", "CP"]
PEOPLE = [
    HEAD,
    [639980001.0, "Ana", date(1990, 12, 31), 38.5, 44000],
    ["06 39 98 00 02", "Béa", 33238, 40.0, "01000"],
    [33639980003, "Cid", "31/12/1990", "", ""],
    [142685300.0, "Bureau", "", "", ""],
]


def xlsx(sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_cell(value):
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def ods(sheets):
    """The least that is a spreadsheet of OpenDocument 1.3."""
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = f'xmlns:office="{OFFICE}" xmlns:table="{TABLE}" xmlns:text="{TEXT}"'
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", MIME)
        packed.writestr(
            "content.xml", f'<office:document-content {spaces} office:version="1.3">{body}</office:document-content>'
        )
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


both = pytest.mark.parametrize("workbook", [xlsx, ods])


@pytest.fixture
def pointure(in_workspace):
    return Attribute.objects.create(
        workspace=in_workspace, label="Pointure", slug="pointure", kind=Attribute.Kind.NUMBER
    )


def people():
    names = ("first_name", "birth_date", "postcode", "attributes")
    return {contact.phone: tuple(getattr(contact, name) for name in names) for contact in Contact.objects.all()}


def refused(contact_import):
    return [(reject["line"], reject["code"]) for reject in refused_lines(contact_import)]


@both
def test_figures_and_days_are_read_as_what_they_mean(in_workspace, pointure, workbook):
    done = bring(in_workspace, workbook({"Clients": PEOPLE}), repairs_zeros=True)

    born = date(1990, 12, 31)
    assert people() == {
        "+33639980001": ("Ana", born, "44000", {"pointure": 38.5}),
        "+33639980002": ("Béa", born, "01000", {"pointure": 40}),
        "+33639980003": ("Cid", born, "", {}),
    }
    assert refused(done) == [(5, "landline")]


@both
def test_a_figure_that_has_lost_its_zero_waits_for_a_decision(in_workspace, workbook):
    done = bring(in_workspace, workbook({"Clients": PEOPLE}))

    assert sorted(people()) == ["+33639980002", "+33639980003"]
    assert (2, "zero_lost") in refused(done)


@both
def test_a_sheet_of_notes_is_passed_over_and_another_one_is_brought_in_once_it_is_chosen(in_workspace, workbook):
    content = workbook({"Notes": NOTES, "Anciens": OLD, "Clients": PEOPLE})

    draft = keep_file(workspace=in_workspace, file_name="salon", content=content, now=TUESDAY)
    proposed = draft.sheet
    choose_sheet(contact_import=draft, sheet="Clients")
    run_import(contact_import=launch_import(contact_import=draft, now=TUESDAY), now=TUESDAY)

    assert proposed == "Anciens"
    assert (draft.sheets, draft.sheet) == (["Notes", "Anciens", "Clients"], "Clients")
    assert sorted(people()) == ["+33639980002", "+33639980003"]
    assert refused(draft) == [(2, "zero_lost"), (5, "landline")]


@both
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (date(2026, 2, 3), datetime(2026, 2, 2, 23, tzinfo=UTC)),
        (datetime(2026, 2, 3, 18, 30), datetime(2026, 2, 3, 17, 30, tzinfo=UTC)),  # noqa: DTZ001
        (46056, datetime(2026, 2, 2, 23, tzinfo=UTC)),
        (46056.75, datetime(2026, 2, 3, 17, tzinfo=UTC)),
    ],
)
def test_the_day_of_a_consent_is_read_from_its_cell(in_workspace, workbook, written, moment):
    rows = [["Mobile", "Date consentement"], ["0639980001", written]]

    bring(in_workspace, workbook({"Clients": rows}), **{**PROVEN, "consent_at": None})

    assert list(Consent.objects.values_list("occurred_at", flat=True)) == [moment]
