"""The field for a day."""

from django import forms


class DayInput(forms.DateInput):
    """The browser's own: it shows the day as its reader writes it, and leaves it as it was typed.

    Wagtail's picker takes ISO alone, and puts today where somebody typed 01/10/2026.
    """

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
