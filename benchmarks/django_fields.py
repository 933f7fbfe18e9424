"""What the models of both peers hold, whatever keeps their history. Import it once Django is set up."""

from __future__ import annotations

from django.db import models


class Case(models.Model):  # type: ignore[misc] # Django ships no types
    """A case with a state."""

    state = models.CharField(max_length=30)
    version = models.IntegerField(default=0)
    title = models.CharField(max_length=200)

    class Meta:  # noqa: D106 - Django's own word for it
        abstract = True

    def __str__(self) -> str:
        return str(self.title)


class Due(models.Model):  # type: ignore[misc]
    """An armed deadline."""

    name = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106
        abstract = True

    def __str__(self) -> str:
        return str(self.name)


class Outgoing(models.Model):  # type: ignore[misc]
    """What is to be told of a move."""

    version = models.IntegerField()
    event = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:  # noqa: D106
        abstract = True

    def __str__(self) -> str:
        return str(self.digest)
