"""What is wrong in a command is told once, where it stands, with what should stand there; examples are what they say."""

import json

import pytest

from workflow.commands import Malformed, read_command
from workflow.shapes import KINDS, shape_of


def told(name: str, body: str) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as wrong:
        read_command(name, body.encode())
    return [(fault.where, fault.en) for fault in wrong.value.faults]


DATE = "should be a date, such as 2026-01-31"
MONEY = "should be a whole number of minor units, such as 1250000 for 12,500.00"
CONTACT = "a JSON object of name, email, phone"
SCALAR = "should be text, a whole number, true/false, an array of texts or null"


@pytest.mark.parametrize(
    ("name", "body", "faults"),
    [
        ("WithdrawApplication", "{}", [("reason", "missing: should be text")]),
        ("ClaimFormatCheck", '{"note":"x"}', [("note", "no such field; there are —")]),
        (
            "CreateDraft",
            '{"unit_code":"A","unit_name":3,"unit_kind":"company","contacts":[{"nam":"Li","email":3}, 5]}',
            [
                ("contacts.0.nam", "no such field; there are name, email, phone"),
                ("contacts.0.name", "missing: should be text"),
                ("unit_name", "should be text"),
                ("contacts.0.email", "should be text"),
                ("contacts.1", f"should be {CONTACT}"),
            ],
        ),
        (
            "CreateDraft",
            '{"unit_code":"A","unit_name":"B","unit_kind":"company","contacts":{}}',
            [("contacts", f"should be an array, each of it {CONTACT}")],
        ),
        ("EditDraft", '{"form":{"a":{"b":1},"c":[1],"d":"x"}}', [("form.a", SCALAR), ("form.c", SCALAR)]),
        (
            "SignAgreement",
            ('{"instalments_minor":["1"],"milestones":[{"title":"x","due_on":"31.1.2026"}],'
            '"start_on":"2026-1-3","end_on":5}'),
            [("instalments_minor.0", MONEY), ("milestones.0.due_on", DATE), ("start_on", DATE), ("end_on", DATE)],
        ),
        ("SubmitScore", '{"points":{"a":"b"},"comment":"x"}', [("points.a", "should be a whole number, such as 1")]),
    ],
)  # fmt: skip
def test_each_fault_is_told_once_where_it_stands(name: str, body: str, faults: list[tuple[str, str]]) -> None:
    assert told(name, body) == faults


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_a_command_is_one(name: str) -> None:
    assert type(read_command(name, json.dumps(shape_of(name).example).encode())) is KINDS[name]
