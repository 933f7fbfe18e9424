"""Tests run against one mutant after another: imported once, then a fork for each, with the tests that reach it alone."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import groupby
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

from tests.mutation.again import execute, made_from
from tests.mutation.switch import Mutated, Switch

_ELSEWHERE = ("[database", "-database", "[sqlite", "-sqlite", "[postgres", "-postgres")
"""Variants of tests that say the same of a database: the memory twin answers faster."""
_KEPT = ("fundcall.calls",)
"""Modules whose caches stay filled: they read files, and are not mutated."""
_OURS = ("states.", "workflow.", "fundcall.", "tests.")
_MEMORY_MAX = 6 << 30
_ARGS = (
    "-q",
    "-x",
    "--assert=plain",
    "--tb=no",
    "-p",
    "no:cacheprovider",
    "-p",
    "pytest_timeout",
    "--timeout=0",
    "-W",
    "ignore::DeprecationWarning",
)


class Baseline(NamedTuple):
    """What running without a mutant told: how many tests, which mutants are asked about by an import alone, and which by a test."""

    tests: int
    imported: set[int]
    reached: set[int]


def _limits(seconds: float) -> None:
    """End this process when it has used so much of the processor, or waits for long: a mutant may never come to an end."""
    signal.setitimer(signal.ITIMER_PROF, 2 + 6 * seconds)
    signal.setitimer(signal.ITIMER_REAL, 30 + 30 * seconds)


def _quiet() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MAX, _MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forked(work: Callable[[], int]) -> int:
    """The number of a child process that does this in silence; its exit code is what the work gives."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        _quiet()
        code = work()
    finally:
        os._exit(code)


def killed_of(asked: Iterable[int], work: Callable[[int], int], jobs: int) -> Iterator[tuple[int, bool]]:
    """Each mutant, and whether it was killed: the work, in a process of its own, gave something else than 0."""
    running: dict[int, int] = {}
    waiting = iter(asked)
    while True:
        for number in waiting:
            running[forked(partial(work, number))] = number
            if len(running) == jobs:
                break
        if not running:
            return
        child, status = os.wait()
        yield running.pop(child), status != 0


def _caches() -> list[Any]:
    """The caches of functions of ours that would hide whether a mutant is reached."""
    kind = type(lru_cache(_limits))
    found = [one for one in gc.get_objects() if isinstance(one, kind)]
    return [one for one in found if (m := one.__module__ or "").startswith(_OURS) and not m.startswith(_KEPT)]


class Reach:
    """Notes which mutants each test and each shared fixture asks about."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.of_fixture: dict[Any, set[int]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        before = self.switch.reached
        if before is None or fixturedef.scope == "function":
            return (yield)
        self.switch.reached = self.of_fixture[fixturedef] = set()
        try:
            return (yield)
        finally:
            self.switch.reached = before

    def shared(self, item: Any) -> set[int]:
        """What the shared fixtures of a test ask about."""
        known = (one for every in item._fixtureinfo.name2fixturedefs.values() for one in every)
        return set[int]().union(*(self.of_fixture.get(one, ()) for one in known))


class Seen(NamedTuple):
    """The tests of a file, the quick ones first: which mutants each asks about, how long it takes, and which of them shared
    fixtures ask about.
    """

    items: Sequence[pytest.Item]
    reached: Mapping[pytest.Item, set[int]]
    seconds: Mapping[pytest.Item, float]
    shared: set[int]


class Stages:
    """Runs the files of tests in turn: first without a mutant, then a fork for each mutant that lives and is reached there."""

    def __init__(self, mutated: Mutated, wanted: set[int], jobs: int, data_tests: Sequence[str]) -> None:
        self.mutated, self.switch, self.alive, self.jobs = mutated, mutated.switch, wanted, jobs
        self.data_tests = data_tests
        switch = self.switch
        self.reach = Reach(switch)
        self.baseline = Baseline(0, set(switch.reached or ()), set())
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = wanted_of(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.baseline = self.baseline._replace(imported=set(self.switch.reached or ()))
        caches = _caches()
        gc.collect()
        gc.freeze()
        for path, found in groupby(session.items, key=lambda item: item.path):
            if self.alive and not self.failed:
                self._file(session, list(found), caches)
                print(f"{path.name}: {len(self.alive)} left", file=sys.stderr)
        session._setupstate.teardown_exact(None)
        return True

    def _file(self, session: pytest.Session, items: Sequence[pytest.Item], caches: list[Any]) -> None:
        seen = self._without(items, caches)
        if not self.failed:
            self._with(session, seen, caches)

    def _without(self, items: Sequence[pytest.Item], caches: list[Any]) -> Seen:
        """Run a file's tests without a mutant."""
        reached: dict[pytest.Item, set[int]] = {}
        seconds: dict[pytest.Item, float] = {}
        for item in items:
            for one in caches:
                one.cache_clear()
            self.switch.reached, before = set(), time.process_time()
            if not passes(item, items):
                self.failed.append(item.nodeid)
            reached[item], seconds[item] = self.switch.reached | self.reach.shared(item), time.process_time() - before
        self.switch.reached = None
        here = set[int]().union(*reached.values())
        self.baseline = Baseline(self.baseline.tests + len(items), self.baseline.imported, self.baseline.reached | here)
        shared = set[int]().union(*(self.reach.shared(item) for item in items))
        return Seen(sorted(items, key=lambda item: seconds[item]), reached, seconds, shared)

    def _with(self, session: pytest.Session, seen: Seen, caches: list[Any]) -> None:
        """Run them for each mutant that lives and is reached."""

        def tried(number: int, asked: Sequence[pytest.Item], *, anew: bool) -> int:
            self.switch.on = number
            for one in caches:
                one.cache_clear()
            if anew or number in seen.shared:
                session._setupstate.teardown_exact(None)
            for item in asked:
                _limits(seen.seconds[item])
                if not passes(item, seen.items):
                    return 1
            return 0

        def work(number: int) -> int:
            return tried(number, [item for item in seen.items if number in seen.reached[item]], anew=False)

        def work_anew(order: list[str], asked: Sequence[pytest.Item], number: int) -> int:
            self.switch.on = number
            _limits(5)
            execute(order)
            return tried(number, asked, anew=True)

        self._kill(sorted(self.alive.intersection(set[int]().union(*seen.reached.values()))), work)
        if str(seen.items[0].path.relative_to(session.config.rootpath)) in self.data_tests:
            self._data(seen, work_anew)
        session._setupstate.teardown_exact(None)

    def _data(self, seen: Seen, work_anew: Callable[[list[str], Sequence[pytest.Item], int], int]) -> None:
        """The same for what imports decide, whose modules are executed anew."""
        for module, numbers in self.mutated.by_module(self.alive & self.baseline.imported).items():
            own = self.mutated.numbers(module)
            asked = [item for item in seen.items if seen.reached[item] & own or own <= self.baseline.imported]
            if module not in sys.modules or not asked:
                continue
            anew = partial(work_anew, made_from(module), asked)
            if any(wrong for _, wrong in killed_of([-1], anew, 1)):
                print(f"{module} cannot be executed anew under {asked[0].path.name}", file=sys.stderr)
            else:  # whatever was executed anew works as before, without a mutant
                self._kill(numbers, anew)

    def _kill(self, numbers: Iterable[int], work: Callable[[int], int]) -> None:
        self.alive -= {number for number, killed in killed_of(numbers, work, self.jobs) if killed}


def passes(item: pytest.Item, of: Sequence[pytest.Item]) -> bool:
    """Whether a test passes; fixtures that it shares with others of these stay set up."""
    other = next((one for one in of if one is not item), None)
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=other))


def wanted_of(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests that are run against mutants: not those that ask a database or a browser the same."""
    return [item for item in items if not any(mark in item.nodeid for mark in _ELSEWHERE)]


def prepared() -> None:
    """Import what is not ours, and let Hypothesis try the same examples for every mutant, and not look for small ones."""
    import fastapi, pydantic, pymerkle, sqlalchemy, sqlmodel, transitions  # noqa: E401, F401, I001

    os.environ["CI"] = "true"
    settings.register_profile(
        "mutants",
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


def warm(stages: Stages, files: Sequence[str]) -> int:
    """Run the stages over these files of tests; pytest's exit code."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(pytest.main([*_ARGS, *files], plugins=[stages, stages.reach]))


class _Cold:
    """Limits each test of a run that imports a mutant anew."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = wanted_of(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        _limits(10)


def cold(switch: Switch, number: int, files: Sequence[str]) -> int:
    """0 where the tests pass though this mutant was on while everything was imported."""
    switch.on, switch.reached = number, None
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    _limits(10)
    return int(pytest.main([*_ARGS, *files], plugins=[_Cold()]))
