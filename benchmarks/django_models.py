"""The peer's models: an application with its history, its deadlines, its outbox. Import it once Django is set up."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords


class Application(models.Model):  # type: ignore[misc] # Django ships no types
    """A case with a state; every save leaves a history row."""

    state = models.CharField(max_length=30)
    version = models.IntegerField(default=0)
    title = models.CharField(max_length=200)
    history = HistoricalRecords()

    class Meta:  # noqa: D106 - Django's own word for it
        app_label = "contenttypes"

    def __str__(self) -> str:
        return str(self.title)


class Deadline(models.Model):  # type: ignore[misc]
    """An armed deadline."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106
        app_label = "contenttypes"

    def __str__(self) -> str:
        return str(self.name)


class Score(models.Model):  # type: ignore[misc]
    """What an expert gave an application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)
    expert = models.CharField(max_length=40)
    total = models.IntegerField()

    class Meta:  # noqa: D106
        app_label = "contenttypes"

    def __str__(self) -> str:
        return f"{self.expert}: {self.total}"


class Outbox(models.Model):  # type: ignore[misc]
    """What is to be told of a move."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)
    version = models.IntegerField()
    event = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:  # noqa: D106
        app_label = "contenttypes"

    def __str__(self) -> str:
        return str(self.digest)
