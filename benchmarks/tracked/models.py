"""The models: history by triggers. Imported by Django once it is set up."""

from __future__ import annotations

import pghistory
from django.db import models


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Tracked(models.Model):  # type: ignore[misc] # Django ships no types
    """A case with a state; the database itself keeps a row of history of every change."""

    state = models.CharField(max_length=30)
    version = models.IntegerField(default=0)
    title = models.CharField(max_length=200)

    class Meta:  # noqa: D106 - Django's own word for it
        app_label = "tracked"

    def __str__(self) -> str:
        return str(self.title)


class Armed(models.Model):  # type: ignore[misc]
    """An armed deadline."""

    application = models.ForeignKey(Tracked, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106
        app_label = "tracked"

    def __str__(self) -> str:
        return str(self.name)


class Told(models.Model):  # type: ignore[misc]
    """What is to be told of a move."""

    application = models.ForeignKey(Tracked, on_delete=models.CASCADE)
    version = models.IntegerField()
    event = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:  # noqa: D106
        app_label = "tracked"

    def __str__(self) -> str:
        return str(self.digest)
