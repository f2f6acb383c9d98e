"""Why a line of a file, or a number, can't be taken: a code that is stored, its words, and how to mend it."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(TextChoices):
    NO_NUMBER = "no_number", _("There is no number.")
    DIGITS_LOST = (
        "digits_lost",
        _("Excel has shortened this number and its last digits are lost: format the column as text, export again."),
    )
    ZERO_LOST = "zero_lost", _("The zero in front is missing.")
    NOT_DIGITS = "not_digits", _("A number has digits only.")
    TOO_SHORT = "too_short", _("The number is too short.")
    TOO_LONG = "too_long", _("The number is too long.")
    NOT_A_NUMBER = "not_a_number", _("This is not a phone number.")
    LANDLINE = "landline", _("This is a landline: SMS go to mobile numbers only.")
    NOT_A_MOBILE = "not_a_mobile", _("This is not a mobile: SMS go to mobile numbers only.")
    UNASSIGNED = "unassigned", _("No operator has this number.")
    OPEN_QUOTE = "open_quote", _("A quotation mark is opened and never closed, or out of place.")
    LINE_TOO_LONG = "line_too_long", _("The line is too long to be one person.")
    TOO_MANY_CELLS = "too_many_cells", _("The line has more columns than the first one.")
    TOO_FEW_CELLS = "too_few_cells", _("The line has fewer columns than the first one.")
    TEXT_TOO_LONG = "text_too_long", _("The text is too long for this column.")
    BAD_EMAIL = "bad_email", _("This is not an e-mail address.")
    BAD_DATE = "bad_date", _("This is not a date of birth: write 31/12/1990 or 1990-12-31.")
    BAD_GENDER = "bad_gender", _("This is not a gender: write F, M or other.")
    BAD_COUNTRY = "bad_country", _("This is not a country: write two letters, such as FR.")
    BAD_VALUE = "bad_value", _("This value does not fit the attribute.")


AS_TEXT = _("Format the column as text in the spreadsheet, and export again")
EDIT = _("Mend the line in the file of refused lines, and bring that file")
MENDS: dict[str, str | Promise] = {
    Refusal.NO_NUMBER: _("Ask for the mobile number, or leave the line out"),
    Refusal.DIGITS_LOST: AS_TEXT,
    Refusal.ZERO_LOST: _("Import again and allow lost zeros to be put back, or write them in the file"),
    Refusal.LANDLINE: _("Ask for the mobile number"),
    Refusal.NOT_A_MOBILE: _("Ask for the mobile number"),
    Refusal.OPEN_QUOTE: _("Remove the quotation mark, or close it"),
    Refusal.TOO_MANY_CELLS: _("Put quotation marks around texts that hold the separator"),
}


def mend_of(code: str) -> str | Promise:
    """What somebody can do about it."""
    return MENDS.get(code, EDIT)


class Refused(Exception):
    """A line that can't be taken. `cell` is the index of the guilty cell, where one is guilty; never its value."""

    def __init__(self, code: Refusal, cell: int | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.cell = cell
