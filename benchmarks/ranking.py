"""The first page of the ranking of 10,000 applications with five scores each: ours, plain `sqlite3`, Django's ORM."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.course import CALL, open_system
from benchmarks.floor import connect
from benchmarks.measure import Measurement, measured
from fundcall.storage.migrate import upgrade
from fundcall.storage.statements import for_sqlite
from states.application import Application, Assignment, State
from workflow.projection import listed, project, sheet
from workflow.scoring import ranked, read_scores, standings

APPLICATIONS, SCORES, EXPERTS, PAGE = 10_000, 5, 300, 100
_TIMES = 20
_AT = datetime(2025, 11, 1, tzinfo=UTC)


def scored(random: Random) -> Iterator[tuple[str, dict[str, int]]]:
    """Applications by id, each with its experts' totals in millionths."""
    for n in range(APPLICATIONS):
        experts = random.sample(range(EXPERTS), SCORES)
        yield f"app-{n:05d}", {f"expert-{e:03d}": random.randint(400_000, 1_000_000) for e in experts}


def repeated(name: str, page: Callable[[], object]) -> Measurement:
    """Ask for the page over and over, nothing kept from one time to the next."""
    latencies = []
    for _ in range(_TIMES):
        asked = time.perf_counter()
        page()
        latencies.append(time.perf_counter() - asked)
    return measured(name, _TIMES, sum(latencies), latencies)


def ours(folder: Path) -> list[Measurement]:
    """From the rows and sheets that the write path keeps: all three measures shown, ranked by the mean and by z."""
    system = open_system(filled(folder))
    ledger = system.ledger

    def page(measure: str) -> list[dict[str, object]]:
        found = ranked(CALL, standings(CALL, read_scores(CALL, ledger)), measure)
        return [place.plain() for place in [place for places in found.values() for place in places][:PAGE]]

    found = [repeated(f"fundcall ranking by {measure}", partial(page, measure)) for measure in ("mean", "z")]
    system.close()
    return found


def filled(folder: Path) -> Path:
    """A data folder with the rows and sheets of scored applications, as the write path would leave them."""
    upgrade(folder / "fundcall.db")
    connection, sql, topics = connect(folder / "fundcall.db"), for_sqlite(), list(CALL.topics)
    blank = Application("", CALL.id, State.EXPERT_REVIEW, "reviewing", 9, 9, "", "单位", "company", (), _AT)
    made = [
        replace(
            blank,
            id=name,
            unit_code=name,
            number=f"N{n:05d}",
            form={"topic": topics[n % len(topics)], "title": f"示范项目{n:05d}", "requested_minor": 1_000_000},
            experts={e: Assignment("u", "scored", total_ppm=ppm, position=n) for e, ppm in totals.items()},
        )
        for n, (name, totals) in enumerate(scored(Random(7)))
    ]
    connection.execute("BEGIN")
    connection.executemany(sql.upsert_application, (listed(project(application, _AT)) for application in made))
    connection.executemany(sql.upsert_sheet, filter(None, map(sheet, made)))
    connection.execute("COMMIT")
    connection.close()
    return folder


def floor(folder: Path) -> Measurement:
    """A row a score, the mean grouped and sorted by SQLite, and nothing else: no z, no ties, no directions."""
    connection = connect(folder / "floor.db")
    connection.execute(
        "CREATE TABLE scores (application TEXT, expert TEXT, total INTEGER, PRIMARY KEY (application, expert))"
    )
    connection.execute("BEGIN")
    rows = ((name, e, ppm) for name, totals in scored(Random(7)) for e, ppm in totals.items())
    connection.executemany("INSERT INTO scores VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")
    sql = "SELECT application, sum(total), count(*), max(total) - min(total) FROM scores GROUP BY application ORDER BY avg(total) DESC"
    found = repeated("raw sqlite3, mean and sort", lambda: connection.execute(sql).fetchall())
    connection.close()
    return found


def django(folder: Path) -> Measurement:
    """The ORM's aggregates over related rows, ordered, as objects; the mean and the spread alone."""
    from benchmarks import django_peer

    models = django_peer.configure(folder)
    from django.db.models import Avg, Max, Min

    keys = django_peer.fill(models, APPLICATIONS)
    models.Score.objects.bulk_create(
        (
            models.Score(application_id=key, expert=expert, total=ppm)
            for key, (_, totals) in zip(keys, scored(Random(7)), strict=True)
            for expert, ppm in totals.items()
        ),
        batch_size=500,
    )

    def page() -> list[object]:
        spread = Max("score__total") - Min("score__total")
        return list(
            models.Application.objects.annotate(mean=Avg("score__total"), spread=spread).order_by("-mean", "pk")
        )

    return repeated("Django annotate + order_by", page)
