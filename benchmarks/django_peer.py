"""The peer: the same work as people would write it with Django and django-simple-history. Import it in a process of
its own: Django is configured at import, once.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from benchmarks.measure import Measurement, Operation, closed_loop, timed

_APPLICATIONS = 2048
_BATCH = 500
_AT = datetime(2025, 9, 15, 4, tzinfo=UTC)
_NEXT = {"submitted": "returned", "returned": "submitted"}
_ITEMS = [{"clause": "四(二)1", "field": "title", "remedy": "请完善项目名称，与申报书保持一致"}]


def configure(folder: Path) -> Any:
    """Django on a SQLite file with every commit on the disk, and the models' module once its tables stand."""
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "django.db",
                "OPTIONS": {
                    "timeout": 60,
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                },
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks import django_models

    call_command("migrate", verbosity=0)
    models = django_models
    with connection.schema_editor() as editor:
        for model in (
            models.Application,
            models.Application.history.model,
            models.Deadline,
            models.Outbox,
            models.Score,
        ):
            editor.create_model(model)
    return models


def fill(models: Any, count: int) -> list[int]:
    """So many applications with a deadline each; their keys."""
    from simple_history.utils import bulk_create_with_history

    made = [models.Application(state="submitted", title=f"示范项目{n:05d}") for n in range(count)]
    bulk_create_with_history(made, models.Application, batch_size=_BATCH)
    found = list(models.Application.objects.values_list("pk", flat=True))
    models.Deadline.objects.bulk_create(
        models.Deadline(application_id=pk, name="correction", due_at=_AT) for pk in found
    )
    return found


def move(models: Any, key: int) -> None:
    """One transition: row, history row, deadline and outbox row, together or not at all."""
    from django.db import transaction

    with transaction.atomic():
        application = models.Application.objects.get(pk=key)
        advance(application)
        application.save()
        models.Deadline.objects.filter(application_id=key).delete()
        models.Deadline.objects.create(application_id=key, name="correction", due_at=_due(application))
        told(models, application).save()


def advance(application: Any) -> None:
    """The move itself, against a table as plain as can be."""
    application.state = _NEXT[application.state]
    application.version += 1


def told(models: Any, application: Any) -> Any:
    """The outbox row of a move, with its JSON and the hash of it."""
    outbox = models.Outbox(
        application_id=application.pk, version=application.version, event={"items": _ITEMS, "round": 1}
    )
    outbox.digest = hashlib.sha256(json.dumps(outbox.event, sort_keys=True).encode()).hexdigest()
    return outbox


def _due(application: Any) -> datetime:
    return _AT + timedelta(days=application.version)


def transitions(folder: Path, clients: int, seconds: float) -> Measurement:
    """Durable transitions, a connection for each client thread, no two on one application."""
    models = configure(folder)
    keys = fill(models, _APPLICATIONS)

    def operations(client: int) -> Iterator[Operation]:
        for key in itertools.cycle(keys[client::clients]):
            yield partial(move, models, key)

    return closed_loop("Django + simple-history", clients, seconds, operations)


def loop(folder: Path, cases: int) -> Measurement:
    """Many cases, one transition after another."""
    models = configure(folder)
    keys = fill(models, cases)

    def each() -> None:
        for key in keys:
            move(models, key)

    return timed("Django, a loop of saves", cases, each)


def bulk(folder: Path, cases: int) -> Measurement:
    """Many cases by bulk_update with history, deadlines and outbox rows, in one transaction."""
    models = configure(folder)
    keys = fill(models, cases)
    return timed("Django bulk_update", cases, lambda: _all(models, keys))


def _all(models: Any, keys: list[int]) -> None:
    from django.db import transaction
    from simple_history.utils import bulk_update_with_history

    with transaction.atomic():
        found = list(models.Application.objects.all())
        for application in found:
            advance(application)
        bulk_update_with_history(found, models.Application, ["state", "version"], batch_size=_BATCH)
        models.Deadline.objects.all().delete()
        new = (models.Deadline(application_id=a.pk, name="correction", due_at=_due(a)) for a in found)
        models.Deadline.objects.bulk_create(new, batch_size=_BATCH)
        models.Outbox.objects.bulk_create((told(models, a) for a in found), batch_size=_BATCH)
    if len(found) != len(keys):
        raise RuntimeError("not every case was moved")
