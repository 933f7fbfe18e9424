"""One target being tried: every input is given to it, and of each fault the shortest input is kept."""

from __future__ import annotations

import base64
import signal
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzzing.target import ROOT, Target

SECONDS_MAX = 5.0
"""Of processor time, for one input."""
_OURS = tuple(f"{ROOT / name}/" for name in ("fundcall", "notifications", "states", "workflow"))


class TooSlow(BaseException):
    """An input took too long."""


@dataclass
class Fault:
    """Something that is no orderly answer: what, where in the product, how often, and by which input."""

    error: str
    place: str
    content: bytes
    times: int = 1

    def told(self) -> dict[str, Any]:
        """The same as plain JSON."""
        content = base64.b64encode(self.content).decode()
        return {"error": self.error, "place": self.place, "times": self.times, "input": content}


@dataclass
class Trial:
    """Tries a target. `holding` is a file that has the input of the moment, for whoever finds this process gone."""

    target: Target
    holding: Path | None = None
    runs: int = 0
    slowest: float = 0.0
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signal.signal(signal.SIGPROF, _stop)
        self._file = self.holding.open("wb", buffering=0) if self.holding is not None else None

    def run(self, content: bytes) -> None:
        """Try one input."""
        self.runs += 1
        if self._file is not None:
            self._file.seek(0)
            self._file.write(len(content).to_bytes(8, "big") + content)
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)
        try:
            self.target.parse(content)
        except self.target.orderly:
            pass
        except KeyboardInterrupt:
            raise
        except BaseException as wrong:  # noqa: BLE001 - whatever it is, it is a fault
            self._note(wrong, content)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.slowest = max(self.slowest, time.process_time() - begun)

    def _note(self, wrong: BaseException, content: bytes) -> None:
        error, place = f"{type(wrong).__name__}: {wrong}"[:300], _place(wrong)
        known = self.faults.setdefault((type(wrong).__name__, place), Fault(error, place, content, 0))
        known.times += 1
        if len(content) < len(known.content):
            known.error, known.content = error, content


def held(file: Path) -> bytes:
    """The input that a process was last seen with."""
    kept = file.read_bytes() if file.exists() else b""
    return kept[8 : 8 + int.from_bytes(kept[:8], "big")]


def _place(wrong: BaseException) -> str:
    """The innermost line of the product that had to do with it, else the innermost of all."""
    frames = traceback.extract_tb(wrong.__traceback__)
    beyond = [frame for frame in frames if frame.filename != __file__]
    frame = ([frame for frame in beyond if frame.filename.startswith(_OURS)] or beyond or frames)[-1]
    return f"{frame.filename.removeprefix(f'{ROOT}/')}:{frame.lineno} in {frame.name}"


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"longer than {SECONDS_MAX} s")
