"""Every key of a TOML text is found on its line."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from fundcall.calls.lines import lines_of
from fundcall.calls.load import file_of, shipped

TEXT = '''# a comment
title = "one"      # another
"quoted key" = 1
dotted.inner = 2
text = """
[not.a.table]
nor = "a key" \\
"""
raw = \'\'\'
x = 1\'\'\'
when = 2025-09-22 16:00:00
list = [
  1, # one
  [2, 3],
  { value = "a", more = { deep = 1 } },
]
empty = []

[table]
key = "a # no comment ] }"

[[array]]
id = "first"

[array.params]
field = "x"

  [[ array ]]
id = 'second'
params = { field = "y", op = ">" }

[[array.inner]]
n = 1
[[array.inner]]
n = 2
[array."odd.name".sub]
z = 1
[implied."with \\"quotes\\" \\u5b57".inner]
y = 1
'''
LINES = {
    ("title",): 2,
    ("quoted key",): 3,
    ("dotted",): 4,
    ("dotted", "inner"): 4,
    ("text",): 5,
    ("raw",): 9,
    ("when",): 11,
    ("list",): 12,
    ("list", 0): 13,
    ("list", 1): 14,
    ("list", 1, 0): 14,
    ("list", 1, 1): 14,
    ("list", 2): 15,
    ("list", 2, "value"): 15,
    ("list", 2, "more"): 15,
    ("list", 2, "more", "deep"): 15,
    ("empty",): 17,
    ("table",): 19,
    ("table", "key"): 20,
    ("array",): 22,
    ("array", 0): 22,
    ("array", 0, "id"): 23,
    ("array", 0, "params"): 25,
    ("array", 0, "params", "field"): 26,
    ("array", 1): 28,
    ("array", 1, "id"): 29,
    ("array", 1, "params"): 30,
    ("array", 1, "params", "field"): 30,
    ("array", 1, "params", "op"): 30,
    ("array", 1, "inner"): 32,
    ("array", 1, "inner", 0): 32,
    ("array", 1, "inner", 0, "n"): 33,
    ("array", 1, "inner", 1): 34,
    ("array", 1, "inner", 1, "n"): 35,
    ("array", 1, "odd.name"): 36,
    ("array", 1, "odd.name", "sub"): 36,
    ("array", 1, "odd.name", "sub", "z"): 37,
    ("implied",): 38,
    ("implied", 'with "quotes" 字'): 38,
    ("implied", 'with "quotes" 字', "inner"): 38,
    ("implied", 'with "quotes" 字', "inner", "y"): 39,
}


def paths(data: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path of the data as the standard library reads it."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from paths(value, (*at, key))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_tables_keys_and_elements_are_found_on_their_lines(newline: str) -> None:
    assert lines_of(TEXT.replace("\n", newline)) == LINES


def test_the_text_means_what_the_parser_reads() -> None:
    assert set(paths(tomllib.loads(TEXT))) == set(LINES)


@pytest.mark.parametrize("name", shipped())
def test_every_path_of_a_shipped_call_is_found_where_its_key_stands(name: str) -> None:
    text = file_of(name).read_text(encoding="utf-8")
    lines, found = text.split("\n"), lines_of(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    assert [path for path, line in found.items() if isinstance(path[-1], str) and path[-1] not in lines[line - 1]] == []


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "a = 1"])
def test_short_texts_have_short_answers(text: str) -> None:
    assert lines_of(text) == ({("a",): 1} if text == "a = 1" else {})
