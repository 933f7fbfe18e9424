"""The peer's API: a Django view that does one durable move, served as an ASGI application. `python -m … FOLDER PORT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks import django_peer


def application(folder: Path) -> Any:
    """The ASGI application over a new database in a folder."""
    models = django_peer.configure(folder)
    django_peer.fill(models, 2048)
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    def move(_: HttpRequest, key: int) -> JsonResponse:
        django_peer.move(models, key)
        answer = JsonResponse({"key": key})
        answer["Content-Length"] = str(len(answer.content))
        return answer

    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": [path("move/<int:key>", csrf_exempt(move))]})
    return get_asgi_application()


if __name__ == "__main__":
    uvicorn.run(application(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
