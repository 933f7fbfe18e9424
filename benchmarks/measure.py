"""How a measurement is taken: clients in a closed loop, latencies in order, a folder on a real disk."""

from __future__ import annotations

import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = (1, 8, 64)
SLOW_MS = 20
_WARM_UP_SECONDS = 0.5
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})

Operation = Callable[[], object]
Client = Callable[[int], Iterator[Operation]]
"""From a client's number to its operations; what it does between two of them is not timed."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one measurement found. Latencies are of single operations; 0 where they are not waited for singly.

    `n` counts operations; `peak_mib` is the most memory that what was measured has had.
    """

    name: str
    ops_per_s: float
    p50_ms: float
    p99_ms: float
    n: int
    peak_mib: int = 0


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: repeats, seconds of each closed loop, cases in bulk and in Django's loop of saves, calls of
    `decide`, applicants in the replayed programme, in the one whose notices are sent, and in the demo; mails that Django sends;
    applications for which experts are drawn; deadlines that are armed.
    """

    repeats: int
    seconds: float
    cases: int
    loop_cases: int
    calls: int
    programme: int
    told: int
    demo: int
    mails: int
    drawn: int
    armed: int


FULL = Scale(
    repeats=5,
    seconds=3,
    cases=10_000,
    loop_cases=500,
    calls=4000,
    programme=4000,
    told=200,
    demo=2000,
    mails=400,
    drawn=3000,
    armed=1_000_000,
)
QUICK = Scale(
    repeats=1,
    seconds=1,
    cases=2000,
    loop_cases=100,
    calls=1000,
    programme=300,
    told=60,
    demo=100,
    mails=100,
    drawn=300,
    armed=100_000,
)


def closed_loop(name: str, clients: int, seconds: float, operations: Client) -> Measurement:
    """Let so many clients, a thread each, do one operation after another, and look at `seconds` of it once warm.

    The rate counts what was finished in that time; the latencies hold what was then still under way too, so that a
    client who waits for long is not left out. Raises what an operation raised.
    """
    done: list[tuple[float, float]] = []
    failed: list[BaseException] = []
    began: list[float] = []
    ready = threading.Barrier(clients, action=lambda: began.append(time.perf_counter() + _WARM_UP_SECONDS))

    def client(number: int) -> None:
        try:
            work = operations(number)
            ready.wait()
            done.extend(_one_after_another(work, began[0] + seconds))
        except BaseException as wrong:  # noqa: BLE001 - it is raised again where the clients are waited for
            failed.append(wrong)
            ready.abort()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    finished = sum(began[0] <= at < began[0] + seconds for at, _ in done)
    latencies = [took for at, took in done if at >= began[0]]
    return measured(f"{name}, {clients} {'client' if clients == 1 else 'clients'}", finished, seconds, latencies)


def _one_after_another(work: Iterator[Operation], until: float) -> list[tuple[float, float]]:
    """When each operation was finished and how long it took, in seconds."""
    done = []
    now = time.perf_counter
    for operation in work:
        asked = now()
        operation()
        answered = now()
        done.append((answered, answered - asked))
        if answered >= until:
            break
    return done


def measured(name: str, n: int, seconds: float, latencies: Sequence[float] = ()) -> Measurement:
    """A measurement from what was counted; latencies in seconds."""
    ordered = sorted(latencies)
    return Measurement(name, n / seconds, at_percent(ordered, 50) * 1000, at_percent(ordered, 99) * 1000, n, peak_mib())


def at_percent(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed; 0 of nothing."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0


def timed(name: str, n: int, work: Operation) -> Measurement:
    """How fast `work` does its n operations, which are not waited for singly."""
    asked = time.perf_counter()
    work()
    return measured(name, n, time.perf_counter() - asked)


def peak_mib() -> int:
    """The largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def disk_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder of its own on a real disk, removed afterwards. Raises OSError where `parent` lies in memory."""
    candidates = [parent] if parent is not None else [Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()]  # noqa: S108
    found = next((folder for folder in candidates if file_system(folder) not in _IN_MEMORY), None)
    if found is None:
        raise OSError(f"{candidates[0]}: 位于内存中，无法测量提交 / lies in memory: a commit there costs nothing")
    with tempfile.TemporaryDirectory(prefix="fundcall-bench-", dir=found, ignore_cleanup_errors=True) as name:
        yield Path(name)


def file_system(folder: Path) -> str:
    """The kind of file system that a folder lies on; "" where it cannot be told."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    lines = [line.split() for line in mounts.read_text().splitlines()]
    resolved = folder.resolve()
    over = [(len(at), kind) for _, at, kind, *_ in lines if resolved.is_relative_to(at)]
    return max(over)[1] if over else ""
