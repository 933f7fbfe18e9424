"""What watches the installation from outside asks here: is it alive, is it ready, and how is it (Prometheus)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool

from fundcall.web.access import Gate
from fundcall.web.peers import from_this_machine
from fundcall.web.policy import Door, asks
from fundcall.web.problems import missing, unavailable
from fundcall.web.telling import Told
from states.actor import Role
from workflow.ports import Unavailable

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_AGAIN_SECONDS = 1.0
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Health(Protocol):
    """How the installation is."""

    def head(self) -> int:
        """Events on the ledger. Raises where it cannot be read."""

    def write(self) -> None:
        """Write something. Raises Unavailable."""

    def figures(self) -> Mapping[str, Mapping[str, float]]:
        """Gauges by name, each by the value of its label ("" for none)."""


LABELS: Mapping[str, tuple[str, str]] = {
    "ledger_events": ("", "Events on the ledger."),
    "deadlines": ("standing", "Deadlines armed, and those of them that have fallen due and not fired."),
    "outbox": ("status", "Notices by what became of them."),
    "letters_waiting": ("", "Letters about accounts that are still to be sent."),
    "clock_suspect": ("", "1 where this machine's clock made a step and is followed no longer."),
    "examiner_children": ("standing", "Processes that examine documents, at work and in all."),
    "database_bytes": ("file", "Size of the database and of its log."),
}
"""The gauges: their label and what they say."""


class Meter:
    """Counts requests, and asks how the installation is when it is asked."""

    def __init__(self, health: Health) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("fundcall_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram("fundcall_request_seconds", "How long the answer to a request took.", ("method", "route"),
                                  buckets=_SECONDS, registry=self._registry)  # fmt: skip
        self._registry.register(_Gauges(health))

    def count(self, told: Told) -> None:
        """One request more."""
        self._requests.labels(told.method, told.route or "none", str(told.status)).inc()
        self._seconds.labels(told.method, told.route or "none").observe(told.seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Gauges(Collector):
    def __init__(self, health: Health) -> None:
        self._health = health

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, found in self._health.figures().items():
            label, words = LABELS[name]
            family = GaugeMetricFamily(f"fundcall_{name}", words, labels=[label] if label else [])
            for value, figure in found.items():
                family.add_metric([value] if label else [], figure)
            yield family


class _Ready:
    """Whether something can be written, asked of the disk once a second at most, however often we are asked."""

    def __init__(self, health: Health, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._health, self._monotonic = health, monotonic
        self._at, self._ready = -_AGAIN_SECONDS, False

    def check(self) -> bool:
        if self._monotonic() - self._at >= _AGAIN_SECONDS:
            try:
                self._health.write()
                self._ready = True
            except Unavailable:
                self._ready = False
            self._at = self._monotonic()
        return self._ready


def add(app: FastAPI, health: Health, meter: Meter, gate: Gate) -> None:
    """Add the addresses."""
    ready = _Ready(health)

    @app.get("/healthz", tags=["运行 · operation"])
    @asks(Door.OPEN)
    def healthz() -> dict[str, Any]:
        """是否存活：台账可读 · Whether the ledger can be read."""
        return {"ok": True, "head": health.head()}

    @app.get("/readyz", tags=["运行 · operation"])
    @asks(Door.OPEN)
    def readyz() -> dict[str, Any]:
        """是否就绪：数据库可写 · Whether the database can be written."""
        if not ready.check():
            raise unavailable()
        return {"ok": True}

    @app.get("/metrics", tags=["运行 · operation"], response_class=Response)
    @asks(Door.WATCH, {Role.AUDITOR, Role.ADMINISTRATOR})
    async def metrics(request: Request) -> Response:
        """运行指标（Prometheus） · Figures for Prometheus: from this machine, or with an auditor's or administrator's key."""
        if not from_this_machine(request.scope):
            if "authorization" not in request.headers:
                raise missing("/metrics")
            gate.let_in(request)
        return Response(await run_in_threadpool(meter.text), media_type=_TEXT)
