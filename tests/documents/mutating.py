"""PDFs that nobody would make: sealed files, and others, changed in bytes, in bits, in structure, or put together from two."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256

from tests.documents.forged import edits, good, national, wrong_people
from tests.documents.hostile import active, encrypted, forms, polyglots
from tests.documents.making import updated

Mutator = Callable[[bytes, random.Random, Sequence[bytes]], bytes]

_NUMBERS = (b"0", b"-1", b"1", b"65535", b"2147483648", b"4294967295", b"9999999999", b"18446744073709551616", b"1e400", b"0.5",
            b"00000000000000000001", b"null", b"true", b"(x)", b"<</A 1>>", b"[0 0]", b"1 0 R", b"--1", b"+7")  # fmt: skip
_NAMES = (b"/Contents", b"/ByteRange", b"/SubFilter", b"/Filter", b"/Type", b"/Sig", b"/FT", b"/V", b"/Kids", b"/Parent",
          b"/Pages", b"/Root", b"/Prev", b"/XRefStm", b"/Encrypt", b"/ObjStm", b"/Length", b"/FlateDecode", b"/Names",
          b"/OpenAction", b"/JavaScript", b"/AcroForm", b"/Fields", b"/DocMDP", b"/Perms", b"/Extends", b"/Size", b"/W")  # fmt: skip
_OBJECT = re.compile(rb"(\d{1,6}) (\d) obj\b(.*?)\bendobj", re.DOTALL)
_NUMBER = re.compile(rb"(?<![\w.])\d{1,10}(?![\w.])")
_NAME = re.compile(rb"/[A-Za-z0-9.]+")
_REFERENCE = re.compile(rb"(\d{1,6}) (\d) R\b")
_OFFSET = re.compile(rb"\d{10}(?= \d{5} [nf])")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f]*)>")
_RANGE = re.compile(rb"/ByteRange\s*\[([^\]]*)\]")
_MUCH = 6_000


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed file: of which sample, by what."""

    seed: str
    sample: str
    kinds: tuple[str, ...]
    content: bytes


# --- bytes and bits -----------------------------------------------------------------------------------------------------


def _span(content: bytes, chance: random.Random, much: int = _MUCH) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + int(chance.expovariate(1 / 40)) % much + 1)


def bit(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes((content[at] ^ 1 << chance.randrange(8),)) + content[at + 1 :]


def byte(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.randbytes(1) + content[at + 1 :]


def put_in(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(content) + 1)
    what = chance.choice(
        (b" ", b"\n", b"\0", b"%", b"%%EOF\n", b">>", b"<<", b"]", b"endobj\n", chance.randbytes(chance.randint(1, 40)))
    )
    return content[:at] + what + content[at:]


def take_out(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def double(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(content, chance)
    return content[:end] + content[start:]


def change_places(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    a, b, c = sorted(chance.randrange(len(content) + 1) for _ in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def blot(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(content, chance)
    fill = chance.choice((b"\0", b" ", b"\xff", b"0", b"("))
    return content[:start] + fill * (end - start) + content[end:]


def cut(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return content[: chance.randrange(len(content))]


def behind(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    more = chance.choice(
        (b"\n", b"\r\n", b" ", b"\0", b"%%EOF\n", b"%PDF-1.7\n", b"startxref\n0\n%%EOF\n", chance.randbytes(90))
    )
    return content + more


def before(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return chance.choice((b"\n", b"\xef\xbb\xbf", b"MZ", b"%PDF-1.4\n", b"<html>", chance.randbytes(30))) + content


# --- the seal -----------------------------------------------------------------------------------------------------------


def digits(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """Other digits in what no digest covers: the seal's own envelope, and the padding behind it."""
    found = _one(_CONTENTS, content, chance)
    if found is None or not found[1]:
        return content
    size = len(found[1])
    at = found.start(1) + chance.randrange(size if chance.random() < 0.5 else max(1, len(found[1].rstrip(b"0"))))
    new = chance.choice(
        (b"0", b"F", content[at : at + 1].swapcase(), b" ", b"\n", b"%02X" % chance.randrange(256), b"", b"0" * 200)
    )
    return content[:at] + new + content[at + (len(new) if len(new) < 200 else 0) :]


def covered(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A range that says that something else is covered."""
    found = _one(_RANGE, content, chance)
    if found is None:
        return content
    numbers = found[1].split()
    for _again in range(chance.randint(1, 2)):
        if numbers:
            n = chance.randrange(len(numbers))
            moved = b"%d" % (int(numbers[n]) + chance.choice((-1, 1, -2, 512, -512))) if numbers[n].isdigit() else b"0"
            numbers[n] = chance.choice((moved, *_NUMBERS))
    made = b" ".join(numbers).ljust(len(found[1]))
    return content[: found.start(1)] + made + content[found.end(1) :]


def updating(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """An update behind the seal, as a program writes it, or as somebody does by hand."""
    if chance.random() < 0.5:
        try:
            return updated(content, chance.choice(list(edits().values())))
        except Exception:  # noqa: BLE001 - a sample that cannot be read cannot be updated
            return content
    number = chance.choice([int(found[1]) for found in _OBJECT.finditer(content)] or [1])
    body = b"%d 0 obj\n<</Type %s %s %s>>\nendobj\n" % (
        number,
        chance.choice(_NAMES),
        chance.choice(_NAMES),
        chance.choice(_NUMBERS),
    )
    last = content.rfind(b"startxref")
    since = content[last + 9 : last + 30].split()[0] if last >= 0 and content[last + 9 :].split() else b"0"
    at = len(content)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d /Root 1 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
    return content + body + table % (number, at, number + 1, since, at + len(body))


# --- structure ----------------------------------------------------------------------------------------------------------


def _one(pattern: re.Pattern[bytes], content: bytes, chance: random.Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(content))
    return chance.choice(found) if found else None


def _replaced(
    content: bytes, chance: random.Random, _: Sequence[bytes], *, pattern: re.Pattern[bytes], by: Sequence[bytes]
) -> bytes:
    """One of what the pattern finds, replaced by one of those, or by another that is found; as long as before, or not."""
    found = _one(pattern, content, chance)
    if found is None:
        return content
    other = _one(pattern, content, chance)
    new = chance.choice([*by, other[0] if other else b""])
    if chance.random() < 0.5:
        new = new.ljust(len(found[0]))[: len(found[0])]
    return content[: found.start()] + new + content[found.end() :]


def nudge(content: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A number a little larger or smaller."""
    found = _one(chance.choice((_NUMBER, _OFFSET)), content, chance)
    if found is None:
        return content
    number = max(0, int(found[0]) + chance.choice((-1, 1, 2, -9, 10, 256)))
    return content[: found.start()] + b"%0*d" % (len(found[0]), number) + content[found.end() :]


def objects(content: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An object gone, twice, in another's place, or from another file."""
    found, other = _one(_OBJECT, content, chance), _one(_OBJECT, chance.choice(others), chance)
    if found is None or other is None:
        return content
    numbered = b"%s %s obj%sendobj" % (found[1], found[2], other[3])
    new = chance.choice((b"", found[0] + b"\n" + found[0], other[0], numbered, found[0] + b"\n" + numbered))
    return content[: found.start()] + new + content[found.end() :]


def joined(content: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(others)
    if chance.random() < 0.4:
        ends = [found.end() for found in re.finditer(rb"endobj\s*|%%EOF\s*", content)] or [len(content)]
        begins = [found.start() for found in re.finditer(rb"\d+ \d obj|xref|startxref", other)] or [0]
        return content[: chance.choice(ends)] + other[chance.choice(begins) :]
    if chance.random() < 0.3:
        return content + other
    return content[: chance.randrange(len(content))] + other[chance.randrange(len(other)) :]


def transplanted(content: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The seal of another file in this one's place for it."""
    ours, theirs = _one(_CONTENTS, content, chance), _one(_CONTENTS, chance.choice(others), chance)
    if ours is None or theirs is None:
        return content
    new = theirs[1][: len(ours[1])].ljust(len(ours[1]), b"0")
    return content[: ours.start(1)] + new + content[ours.end(1) :]


MUTATORS: Mapping[str, Mutator] = {
    **{one.__name__: one for one in (bit, byte, put_in, take_out, double, change_places, blot, cut, behind, before,
                                     digits, covered, updating, nudge, objects, joined, transplanted)},
    "number": partial(_replaced, pattern=_NUMBER, by=_NUMBERS),
    "name": partial(_replaced, pattern=_NAME, by=_NAMES),
    "reference": partial(_replaced, pattern=_REFERENCE, by=(b"1 0 R", b"0 0 R", b"99999 0 R", b"2 0 R")),
    "offset": partial(_replaced, pattern=_OFFSET, by=(b"0000000000", b"9999999999", b"0000000015")),
}  # fmt: skip


class Samples:
    """The files that are changed, most of them sealed. `genuine` are those that really were sealed so, each revision too."""

    def __init__(self) -> None:
        kept = [(name, content) for name, content, *_ in (*good(), *national(), *wrong_people())]
        self.sealed = {name: content for name, content, verdicts, _ in good() if set(verdicts) == {"valid"}}
        self._signed = {**dict(kept), **self.sealed}
        hostile = (*active(), *forms(), *encrypted(), *polyglots())
        self._others = {name: content for name, content, _ in hostile if content and len(content) < 1 << 16}
        self._all = [*self._signed.values(), *self._others.values()]
        whole = [
            content[: found.end()]
            for content in self.sealed.values()
            for found in re.finditer(rb"%%EOF(?:\r\n|\r|\n|)", content)
        ]
        self.genuine = {sha256(content).digest() for content in (*whole, *self.sealed.values())}

    def mutant(self, seed: str, mutators: Sequence[str] = tuple(MUTATORS)) -> Mutant:
        """The mutant of that seed, by these mutators; never one of the genuine."""
        chance = random.Random(seed)
        while True:
            of = chance.choice((self.sealed, self.sealed, self._signed, self._others))
            sample = chance.choice(sorted(of))
            kinds = tuple(chance.choice(mutators) for _ in range(chance.choice((1, 1, 1, 1, 2, 3, 5))))
            content = of[sample]
            for kind in kinds:
                content = MUTATORS[kind](content, chance, self._all) or b"%"
            if content != of[sample] and sha256(content).digest() not in self.genuine:
                return Mutant(seed, sample, kinds, content)


samples = cache(Samples)
"""The samples of this process: sealing them takes seconds."""
