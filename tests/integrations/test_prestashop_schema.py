import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs/schemas/prestashop-events.schema.json").read_text())
SAMPLES = sorted((ROOT / "tests/payloads/prestashop").glob("*.json"))
VALIDATOR = Draft202012Validator(SCHEMA)


def placed() -> dict:
    return json.loads((ROOT / "tests/payloads/prestashop/order_placed.json").read_text())


def test_schema_is_a_valid_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_example_follows_the_published_schema(path):
    VALIDATOR.validate(json.loads(path.read_text()))


@pytest.mark.parametrize("field", ["address1", "postcode", "lastname", "email", "payment"])
def test_schema_refuses_personal_data_we_do_not_need(field):
    body = placed()
    body["events"][0]["order"]["customer"][field] = "x"

    with pytest.raises(ValidationError):
        VALIDATOR.validate(body)


def test_schema_refuses_more_than_fifty_events_in_a_call():
    body = placed()
    body["events"] *= 51

    with pytest.raises(ValidationError):
        VALIDATOR.validate(body)
