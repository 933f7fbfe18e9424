"""Requests that no program of ours would send: bodies, headers, addresses and forms spoilt, each in some way, by chance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

TEXTS = (
    "", " ", "0", "-1", "1e400", "NaN", "Infinity", "９", "²", "٣", "0x10", "9" * 5000, "9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202egnp.exe", "\u2028", "\x85", "\r\nset-cookie: x=1", "a" * 20_000,
    "字" * 5000, "' OR 1=1 --", "%' OR '%", "[", "(?:", "{{7*7}}", "${7*7}", "{0.__class__}", "%s%n", "../../etc/passwd", "//evil.example",
    "javascript:alert(1)", "2025-13-99", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-03-10T24:00:00Z", "2026-06-30T23:59:60Z", "2026-03-10T09:00", "true", "null", "[]", "{}", '{"a":1}', "\ufeff", "\U0010ffff", "\ufffe",
    "A" * 255 + "/", ".", "..", "CON", "=cmd()", "<b>", "a@b@c", "a@x, v@x", "\u0130", "ﬀ", "e\u0301" * 300,
)  # fmt: skip
LITERALS = (
    '"\\ud800"', '"\\u0000"', "9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "1e400", "-1e400", "1e-400", "NaN", "Infinity",
    "-0", "0.1", "1.0", "true", "false", "null", "[]", "{}", '""', "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, '"' + "x" * 70_000 + '"',
    '"0001-01-01"', '"9999-12-31"', '"2026-03-10T09:00:00"', '{"$ref": "#"}', '"\\udc00x"', "[null]", "[[]]", '[""]', '{"": ""}', "01", "+1", "'x'",
)  # fmt: skip
_KINDS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
          "application/json; charset=utf-7", "application/pdf", "", "*/*", "application/json\xff", "application/xml", "x" * 3000)  # fmt: skip
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "idempotency-key": ("", " ", "x" * 300, "\xff", "a,b", "0"),
    "if-match": ("*", "", '""', '"-1"', '"1e3"', '"99999999999999999999"', 'W/"1"', '"\xff"'),
    "if-none-match": ("*", "x", '"' * 50),
    "accept": ("", "*", "text/html;q=abc", "application/xml", "\xff", ",".join(["a/b"] * 500)),
    "accept-language": ("", "xx", "zh;q=2", "\xff", "-" * 500),
    "authorization": ("", "Bearer", "Bearer ", "Basic Og==", "bearer \xff", "Bearer " + "x" * 5000, "Digest a"),
    "range": ("bytes=0-0", "bytes=-1", "bytes=5-1", "bytes=0-," * 300, "lines=1", "bytes=99999999999999999999-"),
    "content-length": ("-1", "abc", "1e3", "99999999999", "0", "\xb2"),
    "content-encoding": ("gzip", "br", "x"),
    "transfer-encoding": ("chunked", "gzip"),
    "host": ("", "evil.example", "fund.example:x", "[::1", "\xff", "a" * 300),
    "cookie": ("", "=", "x", "__Host-fundcall=", "__Host-fundcall=\xff", "a=" + "b" * 5000, "language=xx; language=zh"),
    "x-forwarded-for": ("1.2.3.4", "x", ",,,", "::1, 127.0.0.1", "\xff"),
    "x-forwarded-proto": ("http", "x"),
    "origin": ("null", "https://evil.example", "", "http://[", "\xff"),
    "referer": ("", "http://[", "//"),
    "sec-fetch-site": ("cross-site", "", "none"),
    "hx-request": ("true", "x"),
    "hx-target": ("rows", "", "\xff"),
    "hx-current-url": ("http://[", ""),
    "last-event-id": ("-1", "x", "99999999999999999999"),
    "user-agent": ("", "\xff" * 400, "x" * 20_000),
    "x-http-method-override": ("DELETE",),
    "expect": ("100-continue", "x"),
}  # fmt: skip
_FILES = ("a.pdf", "", "../a", "a" * 500, "é", "\x01", '"')
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW", "get")
_LEAF = re.compile(r'"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|true|false|null')
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s*:)')


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as it goes out."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def with_header(self, name: str, value: str | None) -> Wish:
        """With that header alone by that name; without one for None."""
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=kept if value is None else (*kept, (name, value)))


def spoilt(wish: Wish, chance: Random) -> Wish:
    """The request with one to three things wrong with it."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        ways = [_header, _query, _place, _method] + ([_json, _json, _json, _bytes, _kind] if wish.body else [_empty])
        wish = chance.choice(ways)(wish, chance)
    return wish


def texts(chance: Random) -> str:
    """A text that somebody might send to see what becomes of it."""
    return chance.choice(TEXTS)


def _header(wish: Wish, chance: Random) -> Wish:
    name = chance.choice(sorted(_HEADERS))
    value = chance.choice((*_HEADERS[name], None))
    if chance.random() < 0.2 and value is not None:
        return replace(wish, headers=(*wish.headers, (name, value)))  # twice
    return wish.with_header(name, value)


def _query(wish: Wish, chance: Random) -> Wish:
    pairs = parse_qsl(wish.query, keep_blank_values=True)
    name = chance.choice([name for name, _ in pairs] or [""])
    known = (
        "limit",
        "after",
        "as_of",
        "state",
        "q",
        "application",
        "since",
        "until",
        "unit",
        "page",
        "sort",
        "format",
        "month",
        "size",
        "old",
    )
    name = name if name and chance.random() < 0.5 else chance.choice((*known, texts(chance)))
    more = urlencode({name: texts(chance)}, errors="surrogatepass")
    raw = chance.choice(
        (
            more,
            more,
            more,
            f"{more}&{more}",
            f"{quote(name, errors='surrogatepass')}=%ff%00",
            f"{quote(name, errors='surrogatepass')}[]=1",
            "&&&===",
            ";a=b",
            "%",
            "a" * 9000,
        )
    )
    return replace(wish, query="&".join(filter(None, (wish.query if chance.random() < 0.7 else "", raw))))


def _place(wish: Wish, chance: Random) -> Wish:
    parts = wish.path.split("/")
    if len(parts) > 2:
        n = chance.randrange(2, len(parts))
        strange = quote(texts(chance)[:400], safe="", errors="surrogatepass")
        parts[n] = chance.choice(
            (
                strange,
                strange,
                parts[n].upper(),
                f"{parts[n]}%00",
                f"{parts[n]}/",
                "..",
                "%2e%2e",
                f"{parts[n]}%ff",
                "%",
            )
        )
    return replace(wish, path="/".join(parts))


def _method(wish: Wish, chance: Random) -> Wish:
    return replace(wish, method=chance.choice(_METHODS)) if chance.random() < 0.3 else _header(wish, chance)


def _empty(wish: Wish, chance: Random) -> Wish:
    body = chance.choice((b"{}", b"x", b"\xff" * 50, b'{"a": 1}')) if chance.random() < 0.3 else b""
    return replace(wish, body=body) if body else _query(wish, chance)


def _kind(wish: Wish, chance: Random) -> Wish:
    return wish.with_header("content-type", chance.choice((*_KINDS, None)))


def _json(wish: Wish, chance: Random) -> Wish:
    """A value replaced by one that JSON allows and nobody means, a key twice, gone, or of another name."""
    try:
        text = wish.body.decode()
    except UnicodeDecodeError:
        return _bytes(wish, chance)
    leaf, key = _one(_LEAF, text, chance), _one(_KEY, text, chance)
    how = chance.random()
    if leaf is not None and how < 0.6:
        hostile = json.dumps(texts(chance)) if chance.random() < 0.5 else chance.choice(LITERALS)
        text = f"{text[: leaf.start()]}{hostile}{text[leaf.end() :]}"
    elif key is not None and how < 0.8:
        text = f"{text[: key.start()]}{key[0]}: {chance.choice(LITERALS)}, {text[key.start() :]}"
    elif key is not None:
        name = chance.choice((json.dumps(texts(chance)), '"state"', '"id"', '"__proto__"', '"\\ud800"', key[0].upper()))
        text = f"{text[: key.start()]}{name}{text[key.end() :]}"
    else:
        text = chance.choice(LITERALS)
    return replace(wish, body=text.encode("utf-8", "surrogatepass"))


def _bytes(wish: Wish, chance: Random) -> Wish:
    body = wish.body
    at = chance.randrange(len(body) + 1)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: body[:at],
        lambda: body[at:],
        lambda: body[:at] + chance.randbytes(chance.randint(1, 9)) + body[at:],
        lambda: body + b"}",
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body.decode("utf-8", "replace").encode("utf-16"),
        lambda: body.decode("utf-8", "replace").encode("utf-32"),
        lambda: b"[" + body + b"]",
        lambda: b"",
        lambda: body * 2,
        lambda: chance.choice(LITERALS).encode(),
    )
    return replace(wish, body=chance.choice(ways)())


def _one(pattern: re.Pattern[str], text: str, chance: Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return chance.choice(found) if found else None


def form(fields: Mapping[str, str], chance: Random, *, parts: bool) -> tuple[str, bytes]:
    """A form with some of its fields spoilt, gone, twice or of another name: its content type and its bytes."""
    pairs: list[tuple[str, str]] = list(fields.items())
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        n = chance.randrange(len(pairs) + 1)
        name, value = pairs[n] if n < len(pairs) else (texts(chance), "x")
        if name == "form_token" and chance.random() < 0.95:
            continue  # or nothing behind the door is reached
        new = chance.choice(
            ([(name, texts(chance))],) * 6 + ([], [(name, value)] * 2, [(f"{name}x", value)], [(name, "")])
        )
        pairs[n : n + 1] = new
    if parts:
        return _parts(pairs, chance)
    body = urlencode(pairs, errors="surrogatepass").encode()
    return "application/x-www-form-urlencoded", body if chance.random() < 0.95 else body[
        : chance.randrange(len(body) + 1)
    ] + b"%ff&%&="


def _parts(pairs: list[tuple[str, Any]], chance: Random) -> tuple[str, bytes]:
    """The same in parts, one of them perhaps a file."""
    mark = chance.choice(("----x", "----x", "----x", "", "é"))
    made = b""
    for name, value in pairs:
        file = f'; filename="{chance.choice(_FILES)}"' if chance.random() < 0.3 else ""
        kind = chance.choice(
            ("", "", "Content-Type: application/pdf\r\n", "Content-Transfer-Encoding: base64\r\n", "X\r\n")
        )
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n'
        made += head.encode("utf-8", "surrogatepass") + str(value).encode("utf-8", "surrogatepass") + b"\r\n"
    end = chance.choice((f"--{mark}--\r\n", f"--{mark}--\r\n", "", f"--{mark}"))
    return f"multipart/form-data; boundary={mark}", made + end.encode()
