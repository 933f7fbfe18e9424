"""Whatever is sent: a clear problem, never a 500, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fundcall.documents.examiner import Examiner
from tests.api.office import Office, code, creation, ok, open_office
from tests.drive import F1

MIB = 1 << 20
BODIES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"x"',
    "not UTF-8": b'{"form": {"title": "\xff"}}',
    "UTF-16": '{"form": {}}'.encode("utf-16"),
    "a lone surrogate": b'{"form": {"title": "\\ud800"}}',
    "NUL": b'{"form": {"title": "a\\u0000b"}}',
    "a huge number": b'{"form": {"requested_minor": 1e400}}',
    "NaN": b'{"form": {"requested_minor": NaN}}',
    "a fraction": b'{"form": {"requested_minor": 0.1}}',
    "more than 2^53": b'{"form": {"requested_minor": 9007199254740993}}',
    "deep": b'{"form": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "twice": b'{"form": {}, "form": {}}',
    "unknown field": b'{"form": {}, "state": "approved"}',
    "bidi": '{"form": {"title": "\u202eevil"}}'.encode(),
    "zero width": '{"form": {"title": "a\u200bb"}}'.encode(),
    "a byte-order mark": '{"form": {"title": "\ufeffb"}}'.encode(),
    "long": b'{"form": {"title": "' + b"x" * 30_000 + b'"}}',
    "wrong type": b'{"form": 7}',
    "year 0": b'{"form": {"start_on": "0000-01-01"}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_malformed_body_is_a_422_and_changes_nothing(office: Office, body: bytes) -> None:
    application, unit = office.draft(), office.unit()
    head = office.system.ledger.head()
    path = f"/api/v1/applications/{application}/commands/EditDraft"
    answer = office.client.post(path, headers=office.headers(unit), content=body)
    assert code(answer)[0] == 422
    assert office.system.ledger.head() == head


@pytest.mark.parametrize("field", ["state", "id", "application", "number", "version", "unit", "role"])
def test_nothing_can_be_assigned_beside_the_fields_of_the_command(office: Office, field: str) -> None:
    body = {**creation(office.call, office.unit()), field: "approved"}
    answer = office.post("/applications", office.unit(), body)
    assert code(answer) == (422, "malformed")
    assert [fault["where"] for fault in answer.json()["faults"]] == [field]


@pytest.mark.parametrize("key", ["", " " * 0, "x" * 201, "a\tb"])
def test_a_command_without_a_sound_idempotency_key_is_refused(office: Office, key: str) -> None:
    headers = {**office.headers(office.unit()), "Idempotency-Key": key}
    answer = office.client.post("/api/v1/applications", headers=headers, json=creation(office.call, office.unit()))
    assert code(answer) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("version", ["abc", "-1", "1.5", "٣", "9" * 30])
def test_a_malformed_version_is_refused(office: Office, version: str) -> None:
    application, unit = office.draft(), office.unit()
    headers = [*((k.encode(), v.encode()) for k, v in office.headers(unit).items()), (b"If-Match", version.encode())]
    path = f"/api/v1/applications/{application}/commands/EditDraft"
    assert code(office.client.post(path, headers=headers, json={"form": {}})) == (400, "version_malformed")


def test_a_body_that_announces_too_much_is_refused_before_it_is_read(office: Office) -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(60):
            read += MIB
            yield b"x" * MIB

    application, unit = office.draft(), office.unit()
    headers = {**office.headers(unit), "Content-Length": str(60 * MIB)}
    params = {"material": "plan", "name": "x"}
    path = f"/api/v1/applications/{application}/documents"
    answer = office.client.post(path, headers=headers, params=params, content=pieces())
    assert code(answer) == (413, "too_large")


def test_a_form_that_becomes_too_long_for_an_address_that_nobody_answers_is_cut_too(office: Office) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    pieces = (b"x" * MIB for _ in range(8))
    assert code(office.client.post("/sign-in/certificate", headers=headers, content=pieces)) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3"])
def test_a_senseless_content_length_is_refused(office: Office, length: str) -> None:
    headers = {**office.headers(office.unit()), "Content-Length": length}
    assert code(office.client.post("/api/v1/applications", headers=headers, content=b""))[0] == 413


def test_a_stream_without_a_length_is_cut_where_it_becomes_too_long(office: Office) -> None:
    application, unit = office.draft(), office.unit()
    largest = next(r.params["bytes_max"] for r in office.call.rules.values() if r.check == "document_size")
    everything = max(largest, 5 * MIB)
    params = {"material": "plan", "name": "x"}
    path = f"/api/v1/applications/{application}/documents"
    pieces = (b"x" * MIB for _ in range(everything // MIB + 2))
    answer = office.client.post(path, headers=office.headers(unit), params=params, content=pieces)
    assert code(answer) == (413, "too_large")
    assert len(ok(office.get(f"/api/v1/applications/{application}", unit))["documents"]) == 1


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "CON", "a\\b.pdf", "x" * 200, "计划\u3000书.pdf", "ａ.pdf", "<script>.pdf", "=cmd().pdf"],
)
def test_a_file_name_is_only_a_name(office: Office, name: str) -> None:
    from tests.api.office import pdf

    application, unit = office.draft(), office.unit()
    ok(office.upload(application, unit, pdf(3), name=name), 201)
    assert ok(office.get(f"/api/v1/applications/{application}", unit))["documents"][-1]["name"] == name


@pytest.mark.parametrize("name", ["a\x00b", "a\rb", "\u202efdp.exe", "x" * 201, ""])
def test_a_name_that_cannot_be_shown_is_refused(office: Office, name: str) -> None:
    from tests.api.office import pdf

    application, unit = office.draft(), office.unit()
    assert code(office.upload(application, unit, pdf(3), name=name)) == (422, "malformed")


@pytest.mark.parametrize("name", ["a\nb.pdf", "a\tb.pdf"])
def test_a_name_of_more_than_one_line_is_refused(office: Office, name: str) -> None:
    from tests.api.office import pdf

    application, unit = office.draft(), office.unit()
    assert code(office.upload(application, unit, pdf(3), name=name)) == (422, "value_not_allowed")


ADDRESSES = ("/api/v1/nothing", "/api/v1/applications/%00", "/api/v1/applications/..%2f..%2fetc", "/api/v1/calls/nope",
             "/api/v1/applications?limit=0", "/api/v1/applications?limit=99999999999999999999",
             "/api/v1/applications?state=nowhere", "/api/v1/applications/x?as_of=2025-09-01T00:00:00",
             "/api/v1/applications/x?as_of=0001-01-01T00:00:00%2B14:00", "/api/v1/applications?after=%ff", "/docs")  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_address_is_answered_with_a_problem(office: Office, address: str) -> None:
    answer = office.get(address, F1)
    assert answer.status_code in {200, 404, 422} if "after" in address else answer.status_code in {404, 422}


@pytest.mark.parametrize("text", ["1_0", "٣", "３", "+5", "5.0", " 5", "-0", "1e1", ""])
@pytest.mark.parametrize(
    "address", ["/api/v1/applications?limit=", "/api/v1/consistency?first=", "/api/v1/consistency?second="]
)
def test_a_number_in_an_address_is_written_in_plain_digits(office: Office, address: str, text: str) -> None:
    answer = office.get(f"{address}{quote(text)}", F1)
    assert (code(answer), answer.json()["faults"][0]["en"]) == (
        (422, "malformed"),
        "should be a whole number in plain digits, such as 50",
    )


@pytest.mark.parametrize(
    "text",
    ["0", "1758528000", "1758528000000", "1.5e9", "-1", "2025-09-22", "2025-09-22T16:00:00", "2025-09-22T16:00+08:00",
     "20250922T160000Z", "2025-09-22T16:00:00 08:00", "2025-09-22T16:00:00+0800", "２025-09-22T16:00:00Z",
     "2025-09-22T16:00:00,5Z", "2025-09-31T16:00:00Z", ""],
)  # fmt: skip
@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/applications/{}?as_of=",
        "/api/v1/calls/{}/attempts?since=",
        "/api/v1/calls/{}/attempts?since=2025-09-22T08:00:00Z&until=",
    ],
)
def test_an_instant_in_an_address_is_written_with_its_offset_and_is_never_a_bare_number(
    office: Office, address: str, text: str
) -> None:
    answer = office.get(f"{address.format(office.call.id)}{quote(text)}", F1)
    assert (code(answer), answer.json()["faults"][0]["zh"], answer.json()["faults"][0]["en"]) == (
        (422, "malformed"),
        "应为带时区的时间（RFC 3339），例如 2025-09-22T16:00:00+08:00（网址中 + 写作 %2B）",
        "should be an instant with its offset (RFC 3339), such as 2025-09-22T16:00:00+08:00 (in an address + is %2B)",
    )


@pytest.mark.parametrize(
    "text", ["2099-09-22T16:00:00+08:00", "2099-09-22t08:00:00z", "2099-09-22T08:00:00.123456789-00:30"]
)
def test_an_instant_in_an_address_may_be_written_as_rfc_3339_allows(office: Office, text: str) -> None:
    name = office.draft()
    assert ok(office.get(f"/api/v1/applications/{name}?as_of={quote(text)}", office.unit()))["id"] == name


def test_a_method_that_an_address_does_not_take_is_told_so(office: Office) -> None:
    answer = office.client.delete("/api/v1/applications", headers=office.headers(F1))
    assert code(answer) == (405, "method_not_allowed")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[tuple[Office, str]]:
    office = open_office(tmp_path_factory.mktemp("office") / "data", examiner)
    with office.client:
        yield office, office.draft()
    office.system.ledger.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(body=JSON, data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_breaks_any_command(lasting: tuple[Office, str], body: Any, data: st.DataObject) -> None:
    import json

    office, application = lasting
    names = sorted(
        name
        for name in ok(office.get("/api/v1/openapi.json"))["paths"]
        if "/applications/{" in name and "/commands/" in name
    )
    path = data.draw(st.sampled_from(names)).format(application_id=application)
    actor = data.draw(st.sampled_from([office.unit(), F1]))
    fields = data.draw(st.sampled_from(["form", "reason", "grounds", "sha256", "experts", "amount_minor", "x"]))
    content = json.dumps(data.draw(st.sampled_from([body, {fields: body}]))).encode("utf-8", "surrogatepass")
    answer = office.client.post(path, headers=office.headers(actor), content=content)
    assert answer.status_code < 500
