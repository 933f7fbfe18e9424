"""The peer's models: an application with its history, its deadlines, its outbox. Import it once Django is set up."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from benchmarks.django_fields import Case, Due, Outgoing


class Application(Case):
    """A case; every save leaves a history row."""

    history = HistoricalRecords()

    class Meta:  # noqa: D106 - Django's own word for it
        app_label = "contenttypes"


class Deadline(Due):
    """A deadline of a case."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)

    class Meta:  # noqa: D106
        app_label = "contenttypes"


class Score(models.Model):  # type: ignore[misc]
    """What an expert gave an application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)
    expert = models.CharField(max_length=40)
    total = models.IntegerField()

    class Meta:  # noqa: D106
        app_label = "contenttypes"

    def __str__(self) -> str:
        return f"{self.expert}: {self.total}"


class Outbox(Outgoing):
    """What is to be told of a move of a case."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)

    class Meta:  # noqa: D106
        app_label = "contenttypes"
