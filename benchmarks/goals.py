"""The goals, each a figure or a ratio within one round of the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import Measurement

Round = Mapping[str, Measurement]
"""What one round found, by name."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is aimed at: `figure` of a round is at least (or at most) `bound`."""

    zh: str
    en: str
    figure: Callable[[Round], float]
    bound: float
    at_least: bool = True

    def reached(self, value: float) -> bool:
        """Whether a figure reaches the goal."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Judged:
    """A goal with the median of its figure over the rounds, the lowest and the highest."""

    goal: Goal
    value: float
    low: float
    high: float

    @property
    def reached(self) -> bool:
        """Whether the median reaches the goal."""
        return self.goal.reached(self.value)


def ratio(one: str, other: str) -> Callable[[Round], float]:
    """How many times as fast one is as the other, in the same round."""
    return lambda found: found[one].ops_per_s / found[other].ops_per_s


def rate(name: str) -> Callable[[Round], float]:
    """Operations a second."""
    return lambda found: found[name].ops_per_s


_EACH, _GROUP, _OURS = "raw sqlite3, one commit each", "raw sqlite3, group commit", "fundcall handle"
_DJANGO, _BULK = "Django + simple-history", "fundcall handle_many"
_CORE, _REPLAY, _DEMO = "decide + fold, mean of the course", "replay depth 1", "fundcall demo --headless"
_SWEEP = "fundcall sweep, 1,000 due"
_MAILS, _SEND_MAIL = "fundcall notices", "Django send_mail"

GOALS = (
    Goal("64个客户端：与裸组提交之比", "64 clients: to raw group commit", ratio(f"{_OURS}, 64 clients", f"{_GROUP}, 64 clients"), 0.5),
    Goal("64个客户端：p99毫秒", "64 clients: p99, ms", lambda found: found[f"{_OURS}, 64 clients"].p99_ms, 50, at_least=False),
    Goal("8个客户端：与裸组提交之比", "8 clients: to raw group commit", ratio(f"{_OURS}, 8 clients", f"{_GROUP}, 8 clients"), 0.5),
    Goal("1个客户端：与裸逐笔提交之比", "1 client: to raw, one commit each", ratio(f"{_OURS}, 1 client", f"{_EACH}, 1 client"), 0.5),
    Goal("64个客户端：与Django之比", "64 clients: to Django + simple-history", ratio(f"{_OURS}, 64 clients", f"{_DJANGO}, 64 clients"), 15),
    Goal("批量：件每秒", "bulk: cases/s", rate(_BULK), 6000),
    Goal("预览后批量：件每秒", "bulk, foreseen before: cases/s", rate(f"{_BULK}, foreseen"), 6000),
    Goal("批量：与Django bulk_update之比", "bulk: to Django bulk_update", ratio(_BULK, "Django bulk_update"), 5),
    Goal("预览后批量：与Django bulk_update之比", "bulk, foreseen before: to Django bulk_update", ratio(f"{_BULK}, foreseen", "Django bulk_update"), 5),
    Goal("决定与折叠一步：微秒", "decide + fold of one move, µs", lambda found: found[_CORE].p50_ms * 1000, 60, at_least=False),
    Goal("重放深度1：事件每秒", "replay depth 1: events/s (stretch 300,000)", rate(_REPLAY), 200_000),
    Goal("HTTP提交64个客户端：与Django之比", "HTTP submissions, 64 clients: to Django", ratio("fundcall API, submissions, 64 clients", "Django API, 64 clients"), 5),
    Goal("HTTP提交64个客户端：p99毫秒", "HTTP submissions, 64 clients: p99, ms", lambda found: found["fundcall API, submissions, 64 clients"].p99_ms, 250, at_least=False),
    Goal("截止前高峰：p99毫秒", "closing rush: p99, ms", lambda found: found["closing rush, submissions"].p99_ms, 800, at_least=False),
    Goal("队列页10万件：与Django之比", "queue page over 100,000: to Django", ratio("fundcall queue page, 16 clients", "Django queue page, 16 clients"), 4),
    Goal("队列页16个客户端：p99毫秒", "queue page, 16 clients: p99, ms", lambda found: found["fundcall queue page, 16 clients"].p99_ms, 50, at_least=False),
    Goal("两个进程，PostgreSQL：p99毫秒", "queue page, two processes: p99, ms", lambda found: found["fundcall queue page, 16 clients, 2 processes"].p99_ms, 50, at_least=False),
    Goal("10万件中搜索：p99毫秒", "search over 100,000: p99, ms", lambda found: found["fundcall search"].p99_ms, 30, at_least=False),
    Goal("通知：封每秒", "notices rendered, recorded and sent: a second", rate(f"{_MAILS}, instant sink"), 1200),
    Goal("通知：与Django send_mail之比", "notices: to Django's send_mail", ratio(f"{_MAILS}, instant sink", f"{_SEND_MAIL}, instant sink"), 2),
    Goal("通知，20毫秒中继：与Django之比", "notices, relay of 20 ms: to Django's send_mail", ratio(f"{_MAILS}, relay of 20 ms", f"{_SEND_MAIL}, relay of 20 ms"), 15),
    Goal("1万件排序：毫秒", "ranking of 10,000 applications: ms", lambda found: found["fundcall ranking by mean"].p50_ms, 100, at_least=False),
    Goal("1万件按标准分排序：毫秒", "the same by z-score: ms", lambda found: found["fundcall ranking by z"].p50_ms, 100, at_least=False),
    Goal("1万件排序：与Django之比", "ranking: to Django's annotate", ratio("fundcall ranking by mean", "Django annotate + order_by"), 2),
    Goal("3000件×5名专家抽取：秒", "draw of 5 experts for 3,000 applications: s", lambda found: 3000 / found["fundcall draw of experts"].ops_per_s, 10, at_least=False),
    Goal("一千项到期，大量未到期：秒", "1,000 deadlines due among all armed: s", lambda found: 1000 / found[_SWEEP].ops_per_s, 0.4, at_least=False),
    Goal("到期处理：与仅两千项时之比", "sweep: to that of 2,000 armed", ratio(_SWEEP, f"{_SWEEP} of 2,000"), 0.8),
    Goal("到期处理：与裸sqlite3之比", "sweep: to raw sqlite3", ratio(_SWEEP, "raw sqlite3, 1,000 due"), 0.3),
    Goal("到期处理：与Django之比", "sweep: to Django's ORM", ratio(_SWEEP, "Django, 1,000 due"), 3),
    Goal("演示2000件：秒", "demo of 2,000 applications: s", lambda found: 2000 / found[_DEMO].ops_per_s, 60, at_least=False),
)  # fmt: skip


def judged(rounds: Sequence[Round]) -> list[Judged]:
    """Each goal over the rounds in which it was measured."""
    found = []
    for goal in GOALS:
        values = []
        for measured in rounds:
            try:
                values.append(goal.figure(measured))
            except KeyError:  # not measured in every round
                continue
        if values:
            found.append(Judged(goal, median(values), min(values), max(values)))
    return found
