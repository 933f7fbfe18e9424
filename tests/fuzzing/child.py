"""The process that one target is tried in, for so many seconds: `python -m tests.fuzzing.child ROOM NAME SECONDS SEED FOLDER`.

With atheris the product's modules are instrumented as they are imported, and what leads to new places is changed further;
without it inputs are made by chance. What it found is left in the folder.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from tests.fuzzing.chance import WORDS, inputs
from tests.fuzzing.target import targets_in
from tests.fuzzing.trial import Trial

HOLDING, FOUND = "holding", "found.json"
_PRODUCT = ["fundcall", "notifications", "states", "workflow"]
_WORD_MAX, _BYTES_MIN = 60, 8192
_BY_CHANCE = 3
"""With atheris so great a part of the time is given to inputs by chance first."""
_MORE = 200
"""Beside the samples, libFuzzer begins with so many that were made of them."""


def main() -> None:
    """Try the target, and leave what was found."""
    room, name, *numbers, place = sys.argv[1:]
    seconds, seed, folder = float(numbers[0]), int(numbers[1]), Path(place)
    engine: Any = importlib.import_module("atheris") if importlib.util.find_spec("atheris") else None
    with engine.instrument_imports(_PRODUCT) if engine is not None else nullcontext():
        target = next(one for one in targets_in(room) if one.name == name)
        seeds = target.seeds()
    logging.disable()  # a parser that warns of each input would write gigabytes
    trial = Trial(target, folder / HOLDING)
    begun = time.monotonic()

    def once(content: bytes) -> None:
        trial.run(content)
        if time.monotonic() - begun > seconds:
            found = {"runs": trial.runs, "slowest_seconds": round(trial.slowest, 3),
                     "faults": [fault.told() for fault in trial.faults.values()]}  # fmt: skip
            (folder / FOUND).write_text(json.dumps(found), encoding="utf-8")
            os._exit(0)  # libFuzzer knows no other end

    for content in inputs(seeds, seed):
        once(content)
        if engine is not None and time.monotonic() - begun > seconds / _BY_CHANCE:
            break
    _prepare(seeds, seed, folder)
    options = [
        f"-seed={seed + 1}",
        "-timeout=86400",
        "-rss_limit_mb=4096",
        f"-max_len={max(_BYTES_MIN, 2 * max(map(len, seeds)))}",
        f"-dict={folder / 'words'}",
    ]
    engine.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(folder / "inputs")], once)
    engine.Fuzz()


def _prepare(seeds: Sequence[bytes], seed: int, folder: Path) -> None:
    """Samples and words as libFuzzer reads them."""
    (folder / "inputs").mkdir()
    for number, content in enumerate(islice(inputs(seeds, seed), len(seeds) + _MORE)):
        (folder / "inputs" / str(number)).write_bytes(content)
    words = (word for word in WORDS if 0 < len(word) <= _WORD_MAX)
    lines = ['"{}"\n'.format("".join(f"\\x{byte:02x}" for byte in word)) for word in words]
    (folder / "words").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
