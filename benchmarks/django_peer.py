"""The peer: Django with django-simple-history doing the same work, in a process of its own; prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from benchmarks.measure import Measured, once, threads


def _configure(path: Path) -> None:
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(path),
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


def _models() -> tuple[Any, Any]:
    from django.db import connection, models
    from simple_history.models import HistoricalRecords

    class Case(models.Model):  # type: ignore[misc]  # noqa: DJ008 - Django has no types here, and nobody prints it
        state = models.CharField(max_length=30)
        title = models.CharField(max_length=200)
        data = models.JSONField(default=dict)
        version = models.IntegerField(default=0)
        history = HistoricalRecords()

        class Meta:
            app_label = "contenttypes"

    class Deadline(models.Model):  # type: ignore[misc]  # noqa: DJ008
        case = models.IntegerField()
        due_at = models.CharField(max_length=40)

        class Meta:
            app_label = "contenttypes"

    with connection.schema_editor() as editor:
        for model in (Case, Case.history.model, Deadline):
            editor.create_model(model)
    return Case, Deadline


def run(folder: Path, each: dict[int, int], bulk: int) -> list[Measured]:
    """The same transitions at each number of clients, then a bulk update of many cases."""
    _configure(folder / "django.db")
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    case_model, deadline_model = _models()
    case_model.objects.bulk_create([case_model(state="draft", title=f"项目{i}") for i in range(2000)])
    ids = list(case_model.objects.values_list("pk", flat=True))

    def work(client: int, i: int) -> None:
        pk = ids[(client * 997 + i) % 2000]
        with transaction.atomic():
            case = case_model.objects.get(pk=pk)
            case.version += 1
            case.title = f"项目{client}-{i}"
            case.data = {"text": "依据通知条款办理" * 25}
            case.save()
            deadline_model.objects.filter(case=pk).delete()
            deadline_model.objects.create(case=pk, due_at=str(case.version))
        if i + 1 == current[0]:
            connection.close()

    found, current = [], [0]
    for clients, count in each.items():
        current[0] = count
        found.append(threads(f"Django + simple-history, {clients}", clients, count, work))
    from simple_history.utils import bulk_create_with_history, bulk_update_with_history

    many = bulk_create_with_history([case_model(state="draft", title=str(i)) for i in range(bulk)], case_model)
    for case in many:
        case.title = "项目"
    found.append(
        once(
            f"Django bulk_update of {bulk}",
            bulk,
            lambda: bulk_update_with_history(many, case_model, ["title"], batch_size=500),
        )
    )
    return found


if __name__ == "__main__":
    where, spec = Path(sys.argv[1]), json.loads(sys.argv[2])
    measured = run(where, {int(k): v for k, v in spec["each"].items()}, spec["bulk"])
    sys.stdout.write(json.dumps([[m.name, m.per_second, m.p50_ms, m.p99_ms] for m in measured]))
