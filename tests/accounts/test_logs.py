import logging
import sys
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.logs import MaskingFormatter, mask_number, mask_text

around = st.text(alphabet=" .,;:()[]{}'\"=/-\n\tabcé", max_size=8)
subscribers = st.integers(0, 9999).map(lambda number: f"639{98_0000 + number}")


@given(before=around, after=around, subscriber=subscribers, prefix=st.sampled_from(["+33", "%2B33"]))
def test_international_number_is_masked_wherever_it_stands(before, after, subscriber, prefix):
    masked = mask_text(f"{before}{prefix}{subscriber}{after}")

    assert subscriber[:6] not in masked
    assert masked.endswith(f"{subscriber[-3:]}{after}")


@given(subscriber=subscribers, separator=st.sampled_from(["", " ", ".", "-"]))
def test_national_number_is_masked_however_it_is_written(subscriber, separator):
    digits = f"0{subscriber}"
    written = separator.join(digits[place : place + 2] for place in range(0, 10, 2))

    assert mask_text(f"to {written}.") == f"to {mask_number(written)}."


@given(st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31)).map(str))  # noqa: DTZ001
def test_a_time_is_not_a_number(text):
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8000", "0b9e2f2c-1b7e-4f6a-9c1d-639980001abc", "took 0.250 s", "order 10234", "batch 12 of 400"]
)
def test_text_without_a_number_stays_as_it_is(text):
    assert mask_text(text) == text


def test_traceback_is_masked_as_well():
    try:
        raise ValueError("cannot send to +33639980001")
    except ValueError:
        record = logging.LogRecord(
            "chappe", logging.ERROR, __file__, 1, "failed for %s", ("+33639980001",), sys.exc_info()
        )

    line = MaskingFormatter("%(message)s").format(record)

    assert "39980001" not in line
    assert line.startswith("failed for +33•••••001\nTraceback")
    assert line.endswith("ValueError: cannot send to +33•••••001")
