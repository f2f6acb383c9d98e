import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.gateways.encoding import measure
from messaging.compose import MissingValue, PartCounter, Template

URL = "go.example/AbCd123"


def test_fields_and_links_are_told_apart_in_the_order_of_the_text():
    template = Template("{first_name|there}, {code}: {link} and {menu_link} {first_name|you} {stop_link}")

    assert (template.fields, template.links, template.has_stop_link) == (
        ("first_name", "code"),
        ("link", "menu_link"),
        True,
    )


def test_render_fills_values_links_and_ends_in_the_stop_clause():
    template = Template("Bonjour {first_name|chère cliente}, votre page : {link} ")

    text = template.render({"first_name": "Aïda\n"}, {"link": URL}, " STOP 36180")

    assert text == f"Bonjour Aïda, votre page : {URL} STOP 36180"


def test_render_uses_the_fallback_for_an_empty_value():
    assert Template("Bonjour {first_name|vous}").render({"first_name": " "}, {}, "") == "Bonjour vous"


def test_render_never_reads_braces_that_came_with_a_value():
    assert Template("{first_name|vous}").render({"first_name": "{link}"}, {"link": URL}, "") == "{link}"


def test_render_writes_the_opt_out_address_behind_the_link():
    assert Template("{link} non : {stop_link}").render({}, {"link": URL}, "") == f"{URL} non : {URL}/s"


def test_render_refuses_a_hole_without_value_and_without_fallback():
    with pytest.raises(MissingValue) as caught:
        Template("Commande {order_number}").render({}, {}, "")

    assert caught.value.name == "order_number"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("Bonjour {first_name|vous}, {link}", []),
        ("", ["Write a message."]),
        ("Bonjour {first_name", ["A brace is not closed: write {first_name|there}."]),
        ("Bonjour first_name}", ["A brace is not closed: write {first_name|there}."]),
        ("Bonjour {prenom|vous}", ["There is no field {prenom}."]),
        ("Bonjour {first_name}", ["{first_name} needs words for those who have none: {first_name|…}."]),
        ("Offre STOP au 36XXX", ["Remove “36XXX” or “[STOP_CODE]”: the real STOP number is added by itself."]),
        ("Offre [STOP_CODE]", ["Remove “36XXX” or “[STOP_CODE]”: the real STOP number is added by itself."]),
        ("Offre STOP 36180", ["Remove the STOP mention: it is added by itself, and must not be there twice."]),
        ("Offre {menu_link}", ["{menu_link} has no address: choose a page or remove it."]),
    ],
)
def test_problems_are_told_in_words(text, problems):
    assert Template(text).problems(links={"link"}) == problems


def test_problems_know_the_fields_that_a_caller_always_fills():
    assert Template("Commande {order_number}").problems(extra_fields={"order_number"}) == []


@given(
    fixed=st.text(st.sampled_from("aé€ê😀 |x"), max_size=200).map(lambda text: text.replace("|", "^")),
    name=st.text(st.sampled_from("aéç€😀"), max_size=120),
)
@settings(max_examples=150, deadline=None)
def test_counting_parts_of_a_rendering_says_what_measuring_it_says(fixed, name):
    template = Template(f"{fixed}{{first_name|vous}} {{link}}.")
    counter = PartCounter(template, {"link": URL}, " STOP 36180")

    parts = counter.count({"first_name": name})

    assert parts == measure(template.render({"first_name": name}, {"link": URL}, " STOP 36180")).parts
