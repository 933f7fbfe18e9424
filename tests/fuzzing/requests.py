"""What programs and forms bring: commands and other bodies as JSON, forms, amounts, uploads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request
from starlette.types import Message

from fundcall.calls.load import load
from fundcall.web import parcel
from fundcall.web.api import applications, bulk, experts
from fundcall.web.filing import files, values
from fundcall.web.inputs import half_width, inputs_of, scaled
from fundcall.web.kept import keep_form, kept_form
from fundcall.web.moves import command_of as command_of_form
from fundcall.web.problems import Problem
from fundcall.web.score_form import filled
from states.decide import body
from tests.filings import CLIMATE, SHANGHAI
from tests.fuzzing.driving import ended
from tests.fuzzing.target import Target
from workflow.commands import Malformed, command_of, read_command, read_json
from workflow.record import canonical
from workflow.reviews import read_draft
from workflow.shapes import KINDS, shape_of

_CALLS = tuple(load(profile.call) for profile in (SHANGHAI, CLIMATE))
_READERS: Mapping[str, Callable[[bytes], object]] = {
    "json": read_json,
    "bulk": bulk._read,
    "draw": experts._read,
    "draft": lambda body: read_draft(_CALLS[0], body),
    "new": applications._split,
}


def _named(content: bytes) -> tuple[str, bytes]:
    """An input whose first line says what the rest is."""
    name, _, rest = content.partition(b"\n")
    return name.decode("utf-8", "replace"), rest


def _command(content: bytes) -> None:
    """A command that is taken can be stored, and read again as it is."""
    name, rest = _named(content)
    command = read_command(name, rest)
    assert command_of(name, orjson.loads(canonical(body(name, command)))) == command


def _commands() -> Sequence[bytes]:
    return [f"{name}\n{json.dumps(shape_of(name).example, ensure_ascii=False)}".encode() for name in KINDS]


def _body(content: bytes) -> None:
    name, rest = _named(content)
    if name in _READERS:
        _READERS[name](rest)


def _bodies() -> Sequence[bytes]:
    points = ", ".join(f'"{criterion.id}": 3' for criterion in _CALLS[0].rubric)
    return [
        b'json\n{"a": [1, {"b": null}], "c": "\\u5b57\\ud83d\\ude00", "d": -9007199254740991, "e": true}',
        b'bulk\n{"applications": ["app-1", "app-2"], "data": {"reason": "x"}, "dry_run": true}',
        b'draw\n{"per": 3, "seed": 7, "dry_run": true}',
        f'draft\n{{"points": {{{points}}}, "comment": "可行", "comments": {{}}}}'.encode(),
        b'new\n{"call": "shanghai-ai-plus-2025", "unit_code": "AB1234"}',
    ]


def _fields(content: bytes) -> dict[str, str]:
    """An input as the fields of a form."""
    return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))


def _form(content: bytes) -> None:
    """The form of a command, and the inputs that the page would have when it comes back."""
    name, rest = _named(content)
    if name in KINDS:
        form = _fields(rest)
        command_of_form(name, inputs_of(name, _CALLS[0], {}, form), form)


def _forms() -> Sequence[bytes]:
    return [f"{name}\n{urlencode(dict(_flat(shape_of(name).example)))}".encode() for name in KINDS]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """JSON as a form has it: items.0.remedy."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(item, f"{path}.{key}".removeprefix("."))
    elif path:
        yield path, {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _filing(content: bytes) -> None:
    """What a field of the application takes is read again as it is written."""
    form = _fields(content)
    for call in _CALLS:
        filled(call, form)
        for field in filter(lambda field: values.given(field, form), call.fields.values()):
            try:
                found = values.read(field, form)
            except values.Unreadable:
                continue
            values.said(field, found, call.currency)
            if field.type not in ("flag", "choices"):
                assert values.read(field, {field.id: values.written(field, found)}) == found


def _filings() -> Sequence[bytes]:
    written = {"requested_minor": "１2,345.60 元", "start_on": "2026年1月31日", "people_reached": "3 万"}
    forms = [
        {name: values.written(call.fields[name], value) for name, value in profile.form.items()} | written
        for call, profile in zip(_CALLS, (SHANGHAI, CLIMATE), strict=True)
    ]
    return [urlencode(form | {"comment": "x"}).encode() for form in forms]


def _amount(content: bytes) -> None:
    """An amount is read to the last digit or not at all."""
    text = content.decode("utf-8", "replace")
    found = scaled(text, 100)
    assert found == Fraction(half_width(text).replace(",", "")) * 100


def _upload(content: bytes) -> None:
    """The first line is the content type."""
    kind, _, rest = content.partition(b"\n")
    pieces = [rest[at : at + 50] for at in range(0, len(rest), 50)][::-1]

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop() if pieces else b"", "more_body": bool(pieces)}

    async def read() -> None:
        found = await parcel.opened(Request({"type": "http", "headers": [(b"content-type", kind)]}, receive))
        files._unfit(_CALLS[0], found.filename, found.fields.get("size", "")[:18], 1000)  # uvicorn refuses longer ones
        async for _ in found.pieces:
            pass

    ended(read())


def _uploads() -> Sequence[bytes]:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b\r\n'
    file = 'Content-Disposition: form-data; name="file"; filename="C:\\x\\申报书.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n'
    head = "multipart/form-data; boundary=b\n--b\r\n"
    return [f"{head}{part.format('form_token', 'x')}{part.format('size', '5')}{file}".encode(), f"{head}{file}".encode()]  # fmt: skip


def _kept(content: bytes) -> None:
    path, form = kept_form(content.decode("utf-8", "replace"))
    assert kept_form(keep_form(path, form)) == (path, form)


TARGETS = (
    Target("commands", "commands of every kind as JSON", _command, _commands, (Malformed,)),
    Target("bodies", "other bodies of the interface", _body, _bodies, (Malformed, Problem)),
    Target("forms", "forms of every command", _form, _forms),
    Target("filings", "fields of the application and of scores", _filing, _filings, runs=60),
    Target("amounts", "amounts", _amount, lambda: [b"12,500.00", b"-1,234.5", "１，２３４.５".encode()], (ValueError,)),
    Target("uploads", "forms with a file", _upload, _uploads, (Problem,)),
    Target("kept-forms", "forms that outlived a session", _kept, lambda: [b'{"path":"/a?b","form":{"c":"d"}}'], (Problem,)),
)  # fmt: skip
