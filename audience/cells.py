"""Cells of files that somebody opens in a spreadsheet."""

RUN_AS_FORMULA = {"=", "+", "-", "@", "\t", "\r"}


def harmless(text: str) -> str:
    """A spreadsheet runs whatever begins like a formula: a leading apostrophe keeps it a text.

    Source: OWASP, CSV Injection. Our own reader takes the apostrophe off a number again.
    """
    return f"'{text}" if text[:1] in RUN_AS_FORMULA else text
