"""The peer's queue: the same rows, page and sessions in Django's ORM and templates. `python -m … FOLDER PORT`.

The counts by state are taken once and kept, as ours are while nothing is written.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import django
import uvicorn
from django.conf import settings

from benchmarks.desk import rows
from states.labels import STATES

_PAGE = 50
_TEMPLATE = (Path(__file__).parent / "django_desk.html").read_text(encoding="utf-8")


def application(folder: Path) -> Any:
    """The ASGI application over a new database in a folder; the cookie of a signed-in officer is left beside it."""
    _configure(folder)
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.asgi import get_asgi_application
    from django.core.management import call_command
    from django.db import connection, models
    from django.db.models import Count, Q
    from django.template import engines
    from django.urls import path
    from django.utils import timezone

    class Application(models.Model):  # type: ignore[misc] # Django ships no types
        name = models.CharField(max_length=40, unique=True)
        state = models.CharField(max_length=30)
        phase = models.CharField(max_length=30)
        unit_code = models.CharField(max_length=18)
        unit_name = models.CharField(max_length=200)
        topic = models.CharField(max_length=60)
        number = models.CharField(max_length=30)
        title = models.CharField(max_length=200)
        requested_minor = models.BigIntegerField()
        flags = models.CharField(max_length=200)
        claimed_by = models.CharField(max_length=40)
        due_at = models.DateTimeField()

        class Meta:
            app_label = "contenttypes"
            indexes = (models.Index(fields=["due_at", "name"]), models.Index(fields=["state", "due_at", "name"]))

        def __str__(self) -> str:
            return str(self.title)

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Application)
    names = [field.name for field in Application._meta.fields if field.name not in ("id", "name")]  # noqa: SLF001
    made = (Application(name=row.id, **{name: getattr(row, name) for name in names}) for row, _ in rows())
    Application.objects.bulk_create(made, batch_size=2000)
    template = engines["django"].from_string(_TEMPLATE)

    @cache
    def counts() -> list[tuple[str, int]]:
        return list(Application.objects.values_list("state").annotate(Count("id")).order_by())

    def queue(request: Any) -> Any:
        from django.contrib.auth.decorators import login_required
        from django.http import HttpResponse

        def page(asked: Any) -> Any:
            found = Application.objects.order_by("due_at", "name")
            if asked.GET.get("state"):
                found = found.filter(state=asked.GET["state"])
            if asked.GET.get("page") == "2":
                last = Application.objects.order_by("due_at", "name")[_PAGE - 1]
                found = found.filter(Q(due_at__gt=last.due_at) | Q(due_at=last.due_at, name__gt=last.name))
            shown = list(found[: _PAGE + 1])
            values = {
                "rows": shown[:_PAGE],
                "more": len(shown) > _PAGE,
                "counts": counts(),
                "states": STATES,
                "now": timezone.now(),
            }
            answer = HttpResponse(template.render(values, asked))
            answer["Content-Length"] = str(len(answer.content))
            return answer

        return login_required(page)(request)

    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": [path("applications", queue)]})
    officer = User.objects.create_user("officer")
    session = SessionStore()
    session["_auth_user_id"], session["_auth_user_backend"] = (
        str(officer.pk),
        "django.contrib.auth.backends.ModelBackend",
    )
    session["_auth_user_hash"] = officer.get_session_auth_hash()
    session.save()
    (folder / "cookie").write_text(f"sessionid={session.session_key}")
    return get_asgi_application()


def _configure(folder: Path) -> None:
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106 - of a database that is thrown away
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "django.db", "CONN_MAX_AGE": None,
                               "OPTIONS": {"timeout": 60, "init_command": "PRAGMA journal_mode=WAL;"}}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True, TIME_ZONE="Asia/Shanghai",
    )  # fmt: skip
    django.setup()


if __name__ == "__main__":
    uvicorn.run(application(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
