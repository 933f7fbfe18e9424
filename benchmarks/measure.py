"""Running a function from many threads, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Operations a second, and the latencies of the median and of the slowest hundredth in milliseconds."""

    name: str
    per_second: float
    p50_ms: float
    p99_ms: float


def threads(name: str, clients: int, each: int, work: Callable[[int, int], None]) -> Measured:
    """Let `clients` threads do `work(client, i)` `each` times."""
    latencies: list[float] = []

    def client(number: int) -> None:
        own = []
        for i in range(each):
            began = time.perf_counter()
            work(number, i)
            own.append(time.perf_counter() - began)
        latencies.extend(own)

    started = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    seconds = time.perf_counter() - began
    latencies.sort()
    p50, p99 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    return Measured(name, clients * each / seconds, p50 * 1000, p99 * 1000)


def once(name: str, count: int, work: Callable[[], object]) -> Measured:
    """Do `work`, which stands for `count` operations, once."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return Measured(name, count / seconds, seconds * 1000 / count, seconds * 1000 / count)
