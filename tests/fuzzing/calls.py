"""Calls as files, as the ledger keeps them, and the calendars and codes that they and events name."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from fundcall.calls.calendars import Published
from fundcall.calls.lines import lines_of
from fundcall.calls.load import FOLDER, read_text
from fundcall.calls.recorded import RecordedRules
from states.unit_code import SCHEMES, normal
from tests.drive import world
from tests.filings import CLIMATE
from tests.fuzzing.target import Target
from workflow.calendars import of_version
from workflow.record import canonical
from workflow.rules import rules_of

_SMALL = (
    'id = "a"\n"quoted \\" key" = \'x\'\nopens_at = 2025-09-03 10:00:00+08:00 # a comment\n[review]\nexperts_min = 3\n[a.b]\n'
    '[[topic]]\nid = """\nlong \\\n"""\nlist = [1, [2, "]"], {c = 3, d.e = 4}, # more\n]\n[[topic]]\nx.y = 1979-05-27\n[[topic.z]]\n'
)


def _file(content: bytes) -> None:
    """A call that is taken is the same when it is read from the ledger."""
    call, faults = read_text(content.decode())
    if call is None:
        assert faults
    else:
        rules = rules_of(call)
        assert RecordedRules(lambda _: rules.body).by_hash(rules.hash) == call


def _files() -> Sequence[bytes]:
    return [(FOLDER / "community-climate-2026.toml").read_bytes(), _SMALL.encode()]


def _lines(content: bytes) -> None:
    """Whatever is in a TOML text has a line."""
    text = content.decode()
    missing = {*_paths(tomllib.loads(text))} - lines_of(text).keys()
    assert not missing, missing


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


def _kept(content: bytes) -> None:
    """Rules are kept by their hash: whoever alters them alters the event that names them too."""
    RecordedRules(lambda _: content).by_hash(hashlib.sha256(content).hexdigest())


def _calendar(content: bytes) -> None:
    text = content.decode()
    found = of_version(Published(), text)
    assert of_version(Published(), found.version) == found


def _code(content: bytes) -> None:
    code = normal(content.decode("utf-8", "replace"))
    assert normal(code) == code
    for valid in SCHEMES.values():
        assert not valid(code) or (code.isascii() and code.isalnum() and 4 <= len(code) <= 20)


TARGETS = (
    Target("call-files", "files of calls", _file, _files, (UnicodeDecodeError,), runs=30),
    Target("toml-lines", "lines in a file of a call", _lines, lambda: [_SMALL.encode()], (ValueError, RecursionError)),
    Target("kept-rules", "rules of a call as the ledger keeps them", _kept, lambda: [_rules()], (LookupError, ValueError), runs=30),
    Target("calendars", "calendars that events name", _calendar, lambda: [b"weekends", b"china", b"china-2025", b"china-2026+provisional-2027-2031", b"china-2025/2026-03-02,2026-03-03/2026-03-07", b"weekends//2026-03-07"], (LookupError, ValueError)),
    Target("unit-codes", "codes of units", _code, lambda: [CLIMATE.unit_code(1).encode(), "９１310000ma1fl0007c ".encode()]),
)  # fmt: skip


def _rules() -> bytes:
    place = world(CLIMATE.call)
    return canonical(orjson.loads(place.handler.calls[CLIMATE.call].body))
