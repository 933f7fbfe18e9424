"""The models: history by triggers. Imported by Django once it is set up."""

from __future__ import annotations

import pghistory
from django.db import models

from benchmarks.django_fields import Case, Due, Outgoing


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Application(Case):
    """A case; the database itself keeps a row of history of every change."""

    class Meta:  # noqa: D106 - Django's own word for it
        app_label = "tracked"


class Deadline(Due):
    """A deadline of a case."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)

    class Meta:  # noqa: D106
        app_label = "tracked"


class Outbox(Outgoing):
    """What is to be told of a move of a case."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE)

    class Meta:  # noqa: D106
        app_label = "tracked"
