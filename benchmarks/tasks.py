"""What is measured, by name; each in a process of its own, so that imports, memory and threads do not mix.

`python -m benchmarks.tasks NAME FOLDER [--quick]` prints what it found as JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import CLIENTS, FULL, QUICK, SLOW_MS, Measurement, Scale

_FILED, _PROGRAMME, _TOLD = "filed", "programme", "told"

Task = Callable[[Path, Scale], Sequence[Measurement]]
"""From a folder of its own and the scale to what was found. What it imports it imports when it is run; what `prepare`
left lies beside its folder.
"""


def _raw_each(folder: Path, scale: Scale, clients: int) -> list[Measurement]:
    from benchmarks import floor

    return [floor.one_commit_each(folder, clients, scale.seconds)]


def _raw_group(folder: Path, scale: Scale, clients: int) -> list[Measurement]:
    from benchmarks import floor

    return [floor.group_commit(folder, clients, scale.seconds)]


def _ours(folder: Path, scale: Scale, clients: int) -> list[Measurement]:
    from benchmarks import ours

    return [ours.transitions(folder, clients, scale.seconds)]


def _django(folder: Path, scale: Scale, clients: int) -> list[Measurement]:
    from benchmarks import django_peer

    return [django_peer.transitions(folder, clients, scale.seconds)]


def _django_loop(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import django_peer

    return [django_peer.loop(folder, scale.loop_cases)]


def _django_bulk(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import django_peer

    return [django_peer.bulk(folder, scale.cases)]


def _bulk(folder: Path, scale: Scale, *, foreseen: bool) -> list[Measurement]:
    from benchmarks import ours

    return [ours.bulk(folder, folder.parent / _FILED, scale.cases, foreseen=foreseen)]


def _core(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ours

    return ours.decide_and_fold(folder, scale.calls)


def _replay(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import floor, ours

    programme = folder.parent / _PROGRAMME
    return [floor.read_back(programme / "fundcall.db"), *ours.replay(programme)]


def _mails(folder: Path, scale: Scale, ms: int) -> list[Measurement]:
    from benchmarks import mails

    return [mails.ours(folder, folder.parent / _TOLD, ms)]


def _django_mails(folder: Path, scale: Scale, ms: int) -> list[Measurement]:
    from benchmarks import mails

    return [mails.django(folder, scale.mails, ms)]


def _demo(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ours

    return [ours.demo(folder, scale.demo)]


def _ranking(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ranking

    return [ranking.floor(folder), *ranking.ours(folder)]


def _exports(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import exporting

    return [exporting.floor(folder), *exporting.ours(folder)]


def _django_ranking(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ranking

    return [ranking.django(folder)]


def _documents(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import documents

    return [
        documents.validation(scale.seconds),
        *documents.examinations(scale.seconds),
        documents.storing(folder, scale.seconds),
    ]


def _http(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import http_load

    return [http_load.ours(folder, 64, scale.seconds)]


def _django_http(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import http_load

    return [http_load.django(folder, 64, scale.seconds)]


def _desk(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import desk

    return desk.ours(folder, max(scale.seconds, 3))


def _desk_processes(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import desk

    return [desk.ours_by_processes(folder, max(scale.seconds, 3), 2)]


def _django_desk(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import desk

    return [desk.django(folder, max(scale.seconds, 3))]


def _armed(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import armed

    return [found for count in (armed.FEW, scale.armed) for found in armed.ours(folder / f"{count}", count)]


def _raw_armed(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import armed

    return [armed.raw(folder, scale.armed)]


def _django_armed(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import armed

    return [armed.django(folder, scale.armed)]


def _uploads(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import http_load

    return http_load.uploads(folder)


def _rush(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import http_load

    return http_load.rush(folder, scale.cases // 2, scale.cases // 200)


def _prepare_told(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ours

    ours.prepare_replay(folder.parent / _TOLD, scale.told)
    return []


def _prepare(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import ours

    ours.prepare_bulk(folder.parent / _FILED, scale.cases)
    ours.prepare_replay(folder.parent / _PROGRAMME, scale.programme)
    return []


def _experts(folder: Path, scale: Scale) -> list[Measurement]:
    from benchmarks import experts

    return experts.draws(scale.drawn)


FIRST: Mapping[str, Task] = {"prepare": _prepare, "prepare-told": _prepare_told}
FOR: Mapping[str, frozenset[str]] = {
    "prepare": frozenset({"bulk", "bulk-foreseen", "replay"}),
    "prepare-told": frozenset({"mails", "mails-slow"}),
}
"""Which tasks need what is prepared."""
REPEATED: Mapping[str, Task] = {
    **{
        f"{name}-{clients}": partial(task, clients=clients)
        for clients in CLIENTS
        for name, task in (("raw-each", _raw_each), ("raw-group", _raw_group), ("ours", _ours), ("django", _django))
    },
    "bulk": partial(_bulk, foreseen=False),
    "bulk-foreseen": partial(_bulk, foreseen=True),
    "django-bulk": _django_bulk,
    "django-loop": _django_loop,
    "core": _core,
    "replay": _replay,
    "mails": partial(_mails, ms=0),
    "django-mails": partial(_django_mails, ms=0),
    "mails-slow": partial(_mails, ms=SLOW_MS),
    "django-mails-slow": partial(_django_mails, ms=SLOW_MS),
    "http": _http,
    "django-http": _django_http,
    "desk": _desk,
    "desk-processes": _desk_processes,
    "django-desk": _django_desk,
    "exports": _exports,
    "ranking": _ranking,
    "django-ranking": _django_ranking,
}
LAST: Mapping[str, Task] = {
    "experts": _experts,
    "armed": _armed,
    "raw-armed": _raw_armed,
    "django-armed": _django_armed,
    "uploads": _uploads,
    "rush": _rush,
    "documents": _documents,
    "demo": _demo,
}


def main() -> None:
    """Run one task in a new folder within the one named, which it leaves empty but for what it prepared."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tasks", description=__doc__)
    parser.add_argument("name", choices=[*FIRST, *REPEATED, *LAST])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    task = {**FIRST, **REPEATED, **LAST}[asked.name]
    with TemporaryDirectory(prefix=f"{asked.name}-", dir=asked.folder) as folder:
        found = task(Path(folder), QUICK if asked.quick else FULL)
    print(json.dumps([asdict(measurement) for measurement in found], ensure_ascii=False))


if __name__ == "__main__":
    main()
