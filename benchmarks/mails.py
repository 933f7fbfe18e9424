"""Mails: rendered, built, recorded and sent by the product's two processes; and by Django's send_mail in a loop."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Measurement, timed

_ROOT = Path(__file__).parents[1]
_FROM = "noreply@fundcall.example.org"
_PAUSE_SECONDS = 0.02
_GIVE_UP_SECONDS = 120


@contextmanager
def relay(folder: Path, ms: int) -> Iterator[int]:
    """A relay in a process of its own, which answers each message after so long; its port."""
    command = [sys.executable, "-m", "benchmarks.relay", str(folder / "mbox"), str(ms)]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def ours(folder: Path, programme: Path, ms: int) -> Measurement:
    """Every notice of a simulated programme, from its event to the relay's answer on the disk, as the demo tells them.

    The clock starts when the first of them stand in the database, so that no imports are measured, and those are not
    counted, although they are sent within the time measured.
    """
    from benchmarks.course import CALL
    from fundcall.bootstrap import open_simulation, settings_for
    from fundcall.demo import telling

    data = folder / "data"
    shutil.copytree(programme, data)
    settings = settings_for(data, database_url="", mail_from=_FROM)
    system = open_simulation(settings, CALL)
    with relay(folder, ms) as port, telling(settings, CALL, f"smtp://127.0.0.1:{port}") as finish:
        until = time.monotonic() + _GIVE_UP_SECONDS
        while not (before := sum(system.notices.notice_counts().values())):
            if time.monotonic() > until:
                raise TimeoutError("no notice was recorded")
            time.sleep(_PAUSE_SECONDS)
        began = time.perf_counter()
        finish()
        seconds = time.perf_counter() - began
    counts = system.notices.notice_counts()
    system.close()
    if {status for _, _, _, status in counts} != {"accepted"}:
        raise RuntimeError(f"not every notice was accepted: {counts}")
    n = sum(counts.values()) - before
    return Measurement(_name("fundcall notices", ms), n / seconds, 0, 0, n)


def django(folder: Path, count: int, ms: int) -> Measurement:
    """`send_mail` of text and HTML, rendered by Django's templates, over one connection that is kept; not recorded."""
    import django as library
    from django.conf import settings

    with relay(folder, ms) as port:
        settings.configure(
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        )
        library.setup()
        from django.core.mail import get_connection, send_mail
        from django.template import engines

        text, html = (engines["django"].from_string(source) for source in (_TEXT, _HTML))
        connection = get_connection()
        connection.open()

        def send(n: int) -> None:
            about: dict[str, Any] = {"number": f"SH{n:05d}", "name": f"上海乌有智能科技第{n}有限公司", "lines": _LINES}
            to = f"contact@unit{n:05d}.example.org"
            send_mail(f"【申报】回执（受理编号 {n:05d}）", text.render(about), _FROM, [to], connection=connection,
                      html_message=html.render(about))  # fmt: skip

        send(0)
        found = timed(_name("Django send_mail", ms), count, lambda: deque(map(send, range(1, count + 1)), 0))
        connection.close()
        return found


def _name(who: str, ms: int) -> str:
    return f"{who}, relay of {ms} ms" if ms else f"{who}, instant sink"


# As long as the product's own notices are on average: 2 kB of text, 3 kB of HTML.
_LINES = [f"{n}. 请于期限前办理；逾期未办理的，按通知规定处理。 Please deal with it in time." for n in range(1, 20)]
_TEXT = "贵单位 {{ name }} 的申报已成功提交，受理编号 {{ number }}。\n{% for line in lines %}{{ line }}\n{% endfor %}"
_HTML = """<!DOCTYPE html><html lang="zh-CN"><body style="margin:0;padding:24px;background:#f4f6f8;color:#1b2733">
<p class="lead">贵单位 {{ name }} 的申报已成功提交，受理编号 {{ number }}。</p>
{% for line in lines %}<p class="item" style="margin:0 0 10px">{{ line }}</p>
{% endfor %}</body></html>"""
