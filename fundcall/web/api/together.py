"""Commands that come at the same time go to the write path together, from one thread: a thread each costs more than
the decision itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
_AT_ONCE = 256


class Together(Generic[A, B]):
    """Asks many at once what each of several callers asks for one. While a group is being answered the next gathers;
    who comes alone is asked for alone, at once.
    """

    def __init__(self, answer: Callable[[Sequence[A]], Sequence[B | Exception]]) -> None:
        self._answer = answer
        self._thread = ThreadPoolExecutor(1, "together")
        self._waiting: deque[tuple[A, asyncio.Future[B]]] = deque()
        self._group: asyncio.Task[None] | None = None

    async def ask(self, one: A) -> B:
        """The answer for one; raises what its answer is where that is an exception."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[B] = loop.create_future()
        self._waiting.append((one, future))
        if self._group is None:
            self._group = loop.create_task(self._answered())
        return await future

    async def _answered(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _AT_ONCE))]
            asked = [one for one, _ in group]
            try:
                found = await loop.run_in_executor(self._thread, self._answer, asked)
            except Exception as wrong:  # noqa: BLE001 - each caller is told
                found = [wrong] * len(group)
            for answer, (_, future) in zip(found, group, strict=True):
                if future.done():  # the caller has gone
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self._group = None
