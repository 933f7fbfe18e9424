"""What `make proof` runs: one row each, in full and in short, and which figures of its answer are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Figures = Mapping[str, str | int | float]
_ROOMS = {
    "merkle": ("the Merkle tree", "默克尔树"),
    "verifier": ("the verifier of bundles", "证据包验证脚本"),
    "deadlines": ("deadlines and the calendar", "期限与工作日历"),
    "authority": ("who may see what", "谁可见何事"),
    "rules": ("rules and guards", "规则与守卫条件"),
    "table": ("the table of moves", "状态转移表"),
}
"""Rooms of `tests.mutation`, in words."""


class Step(NamedTuple):
    """A command (after `python -m`), its short form, and where its answer has the figures: a path in JSON, or a pattern."""

    name: str
    shows: str
    zh: str
    command: str
    quick: str
    figures: Mapping[str, str]

    def asked(self, *, quick: bool) -> list[str]:
        """The words after `python -m`."""
        return (self.quick if quick else self.command).split()


def _mutation(room: str, what: str, zh: str) -> Step:
    return Step(
        f"mutation-{room}",
        f"faults planted one at a time in {what} are noticed by its tests (at least 95 %)",
        f"在{zh}中逐一植入的错误被测试发现（至少95%）",
        f"tests.mutation {room} --json",
        f"tests.mutation {room} --json --share 0.05",
        {
            "share tried": "share",
            **{name: f"rooms.{room}.{name}" for name in ("mutants", "killed", "survived", "equivalent", "score")},
        },
    )


STEPS = (
    *(_mutation(room, what, zh) for room, (what, zh) in _ROOMS.items()),
    Step(
        "faults",
        "writes that are killed, fail or find the disk full, at every call of every command; and kill -9 under four writers",
        "逐个写入点终止、报错、写满磁盘，以及 kill -9：已受理的不丢失",
        "tests.faults.campaign --json",
        "tests.faults.campaign --json --points 200 --kills 20",
        {
            "points tried": "points",
            "points there are": "points_there_are",
            "rounds of kill -9": "kills",
            "acknowledged": "kills_acknowledged",
            "violations": "violations",
        },
    ),
    Step(
        "power",
        "states that a cut of the power may leave, by two models of folders; then with each planted fault, which must be found",
        "断电后可能留下的每一种磁盘状态：已受理的不丢失；植入的故障须被发现",
        "tests.faults.power --json --proof",
        "tests.faults.power --json --proof --units 2 --states 1000",
        {
            "states": ".states",
            "different states": ".distinct",
            "states in which something acknowledged was lost": ".states_wrong",
            "acknowledged meanwhile": ".acknowledged",
            **{
                f"planted “{plant}”: states in which it was found": f"{plant}.states_wrong"
                for plant in ("normal", "unflushed", "unlisted")
            },
        },
    ),
    Step(
        "postgres-kills",
        "PostgreSQL, one of its backends, or those who write are ended by signal 9 while commands are given",
        "终止 PostgreSQL、其后端进程或写入者：已受理的不丢失",
        "tests.faults.server_kills --rounds 200",
        "tests.faults.server_kills --rounds 6",
        {"rounds": "rounds", "acknowledged": "acknowledged", "events": "events", "violations": "violations"},
    ),
    Step(
        "crashes",
        "small worlds, each the same for its seed, in which the database crashes and fails, clocks jump, relays misbehave and requests come twice",
        "由种子决定的小世界：数据库崩溃与报错、时钟跳变、邮件服务器异常、请求重复",
        "fundcall simulate --crash-rate 0.01 --seed 1 --seeds 10000 --jobs 2",
        "fundcall simulate --crash-rate 0.01 --seed 1 --seeds 3",
        {
            name: name
            for name in ("seeds", "acknowledged", "points", "crashes", "errors", "deadlines", "mails", "violations")
        },
    ),
    Step(
        "programmes",
        "random people give random commands over whole lives, on two ledgers side by side; what must hold is looked at after each",
        "随机的人对整个项目周期发出随机命令，每步之后核对全部不变量",
        "tests.workflow.campaign --programmes 1000",
        "tests.workflow.campaign --programmes 20",
        {
            "programmes": r"(\d+) programmes",
            "moves": r"(\d+) moves",
            "kinds of moves": r"moves of (\d+) kinds",
            "refusals": r"(\d+) refusals",
            "violations": r"(\d+) violations",
        },
    ),
    Step(
        "tampering",
        "bytes, rows, events, notices and bundles are changed behind the ledger's back, and each change must be found",
        "在账本背后篡改字节、行、事件、通知与证据包：每处都须被发现",
        "tests.audit.campaign",
        "tests.audit.campaign --step 997 --bytes 60 --events 1000",
        {
            "small file: found": "every byte*.found",
            "small file: outside of the ledger": "every byte*.outside",
            "small file: missed": "every byte*.missed",
            "large file: found": "* bytes of*.found",
            "large file: outside of the ledger": "* bytes of*.outside",
            "large file: missed": "* bytes of*.missed",
            "acts told": "acts",
        },
    ),
    Step(
        "requests",
        "requests made from the interface's own description, sent as every role, as a second unit, and without a key: none is answered 5xx",
        "按接口描述生成的请求，以各种身份发送：无一得到5xx",
        "tests.api.everybody --requests 100000 --seed 1",
        "tests.api.everybody --requests 1000 --seed 1",
        {"requests": "requests", "answers by status": "statuses", "faults": "faults"},
    ),
    Step(
        "changed-pdfs",
        "sealed and hostile PDFs are changed in many ways: none is taken for sealed, breaks the examination or lets it hang",
        "以多种方式改动已盖章与恶意的PDF：无一被当作有效、使检查崩溃或挂起",
        "tests.documents.campaign --json",
        "tests.documents.campaign --json --mutants 500",
        {
            "changed files": "mutants",
            "seals": "seals",
            "children gone": "children_gone",
            "slowest, seconds": "slowest_seconds",
            "wrong": "wrong",
        },
    ),
    Step(
        "fuzzing",
        "every parser of what comes from outside is given changed samples, led by what they reach: none answers otherwise than it may, hangs or dies",
        "每个解析外来内容的部件均以覆盖率引导的变异输入试过：无一作出意外答复、挂起或崩溃",
        "tests.fuzzing --seconds 20 --json",
        "tests.fuzzing commands bounces unit-codes --seconds 1 --json",
        {
            "parsers": "targets",
            "inputs": "runs",
            "edges of the product reached": "places",
            "made by": "engine",
            "slowest, seconds": "slowest_seconds",
            "faults": "faults",
        },
    ),
    Step(
        "collusion",
        "the fewest people who together can get an application funded, over every way to share the duties out",
        "串通数：合谋使一件申请获得资金所需的最少人数",
        "pytest -n 0 -q -s tests/states/test_collusion.py",
        "pytest -n 0 -q -s tests/states/test_collusion.py",
        {"people": r"collusion number: (\d+)", "tests": r"(\d+) passed", "failed": r"(\d+) failed"},
    ),
    Step(
        "permissions",
        "every cell of role × command × state; every address as everybody; every command over the interface by every role",
        "权限穷举：角色×命令×状态，以及每个网址与接口",
        "pytest -n 0 -q tests/states/test_matrix.py tests/web/test_brute_force.py tests/api/test_matrix.py",
        "pytest -n 0 -q tests/states/test_matrix.py",
        {"tests": r"(\d+) passed", "failed": r"(\d+) failed"},
    ),
    Step(
        "paired-worlds",
        "two worlds that differ only in what somebody may not see answer that person byte for byte alike",
        "两个只在某人不得见之处不同的世界，对其逐字节同样作答",
        "pytest -n 0 -q tests/web/test_hidden.py",
        "pytest -n 0 -q tests/web/test_hidden.py",
        {"tests": r"(\d+) passed", "failed": r"(\d+) failed"},
    ),
    Step(
        "scale",
        "PostgreSQL, two web processes and a worker; one web process is killed in the rush before the close",
        "PostgreSQL、两个网页进程与后台进程，高峰中终止一个",
        "benchmarks.scale --json",
        "benchmarks.scale --json --submissions 300 --seconds 6",
        {
            "in time": "accepted",
            "late and refused": "refused as late",
            "stamped late though sent in time": "sent before the close and stamped after it",
            "notices": "notices",
            "wrong": "wrong",
        },
    ),
)
"""Add a row for each campaign that the docs name; nothing else has to be said anywhere."""


def figures_of(step: Step, answer: str) -> Figures:
    """The figures that a step's answer has; those it has not are left out."""
    try:
        told = json.loads(answer[answer.index("{") :])
    except ValueError:
        matches = {label: re.search(pattern, answer) for label, pattern in step.figures.items()}
        return {label: int(match[1]) for label, match in matches.items() if match}
    found = {label: _at(told, path.split(".")) for label, path in step.figures.items()}
    return {label: _plain(value) for label, value in found.items() if value is not None}


def _at(value: Any, path: list[str]) -> Any:
    """What stands at a path; a name with * stands for the first that fits."""
    for name in path:
        pattern = re.compile(".*".join(map(re.escape, name.split("*"))))
        value = (
            next((one for key, one in value.items() if pattern.fullmatch(key)), None)
            if isinstance(value, dict)
            else None
        )
    return value


def _plain(value: Any) -> str | int | float:
    """A figure as it is printed: of a list its length, of a table its numbers, or how many rows it has."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        counts = all(isinstance(one, int) for one in value.values())
        return ", ".join(f"{key} {one:,}" for key, one in value.items()) if counts and value else len(value)
    return value if isinstance(value, str | int | float) else str(value)
