"""Faults of our own making, each of which must be found."""

from __future__ import annotations

import os

from tests.fuzzing.target import Target


def _wrong(content: bytes) -> None:
    if content.startswith(b"a") and content != b"a sample":
        raise LookupError("planted")


def _endless(content: bytes) -> None:
    while content != b"a sample":
        pass


def _gone(content: bytes) -> None:
    if content != b"a sample":
        os.abort()


def _sound(content: bytes) -> None:
    content.decode()


def _samples() -> tuple[bytes, ...]:
    return (b"a sample",)


TARGETS = (
    Target("planted-wrong", "raises what is no answer", _wrong, _samples),
    Target("planted-endless", "takes longer than it may", _endless, _samples),
    Target("planted-gone", "takes the process with it", _gone, _samples),
    Target("planted-none", "answers orderly", _sound, _samples, (ValueError,)),
)
