"""`fundcall demo` and `fundcall simulate`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fundcall.bootstrap import MBOX, settings_for
from fundcall.calls.load import load
from fundcall.cli.output import Json, console, errors, fail, fail_as, instant, print_json, table
from fundcall.cli.running import serve_web
from fundcall.cli.whole import whole
from fundcall.demo import Finished, going_on, run_demo
from fundcall.demo_people import welcome
from fundcall.simulate.case import StoryBroken
from states.application import State
from states.funding_call import FundingCall
from states.labels import STATES
from states.reasons import in_general

_SHANGHAI = "shanghai-ai-plus-2025"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo")(demo)
    app.command("simulate")(simulate)


def demo(
    data: Annotated[
        Path, typer.Option("--data", "--data-dir", help="演示数据文件夹 · folder for the demo's data")
    ] = Path("demo-data"),
    port: Annotated[int, whole("--port", least=0, most=65535, told="网页端口 · port of the pages")] = 8000,
    headless: Annotated[bool, typer.Option("--headless", help="不启动网页 · no pages afterwards")] = False,
    applications: Annotated[int, whole("--applications", least=1, most=100_000, told="申报单位数 · applicants")] = 200,
    seed: Annotated[int, whole("--seed", least=0, told="随机种子 · the seed")] = 7,
    call: Annotated[str, typer.Option("--call", help="通知编号或文件 · a call's id or file")] = _SHANGHAI,
    until: Annotated[
        str | None,
        typer.Option("--until", help="到此时刻为止，从那里继续 · stop there and go on from it, by its clock"),
    ] = None,
    as_json: Json = False,
) -> None:
    """模拟时钟上的一次完整申报：从开放到结项 · A whole call on a simulated clock, then the web on it."""
    address = f"http://127.0.0.1:{port}" if port else ""
    database = settings_for(data).postgres
    run = partial(
        run_demo, data=data, count=applications, seed=seed, until=instant(until), url=address, database=database
    )
    finished = _run(call, run)
    if as_json:
        print_json(finished.summary)
    else:
        _show(load(call), finished, data)
    wrong = finished.summary["divergences"] or finished.summary["deadlines"]["overdue"]
    if headless or wrong:
        finished.system.close()
        raise typer.Exit(1 if wrong else 0)
    console.print("\n一键登录（仅限此演示） · one-click sign-ins, for this demo only")
    with going_on(finished, data) as (system, heartbeat):
        serve_web(system, port, (heartbeat,), welcome(system))


def simulate(
    applications: Annotated[
        int | None,
        whole("--applications", least=1, most=100_000, told="申报单位数 · applicants: 200, with crashes at most 3"),
    ] = None,
    seed: Annotated[int, whole("--seed", least=0, told="随机种子 · the seed")] = 7,
    call: Annotated[str, typer.Option("--call", help="通知编号或文件 · a call's id or file")] = _SHANGHAI,
    crash_rate: Annotated[
        float | None,
        typer.Option(
            "--crash-rate",
            min=0,
            max=1,
            help="每条语句、每次提交前后崩溃或出错的概率；每个种子一个小型申报过程 · "
            "how likely a crash or an error is before and after each statement and commit; a small world a seed",
        ),
    ] = None,
    seeds: Annotated[
        int, whole("--seeds", least=1, told="（崩溃模拟）种子数，自 --seed 起 · with crashes: so many seeds")
    ] = 1,
    jobs: Annotated[int, whole("--jobs", least=1, told="（崩溃模拟）进程数 · with crashes: processes")] = 1,
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            help="（崩溃模拟）PostgreSQL地址，在其旁新建临时数据库；缺省为内存中的SQLite · "
            "with crashes: an address of PostgreSQL, beside which databases are made; default: SQLite in memory",
        ),
    ] = "",
) -> None:
    """在临时文件夹中模拟一遍并输出结果；--crash-rate 则注入崩溃 · Simulate and print what came of it, as JSON; with crashes, too."""
    if crash_rate is not None:
        from fundcall.cli.crashing import crashed
        from fundcall.crashing.campaign import Asked

        crashed(Asked(call, crash_rate, seed, seeds, applications or 3, database_url, jobs))
    else:
        _simulated(call, applications or 200, seed)


def _simulated(call: str, count: int, seed: int) -> None:
    """Once, without crashes."""
    with tempfile.TemporaryDirectory(prefix="fundcall-") as folder:
        run = partial(run_demo, data=Path(folder) / "simulation", count=count, seed=seed)
        finished = _run(call, run)
        finished.system.close()
        print_json(finished.summary)
        if finished.summary["divergences"]:
            raise typer.Exit(1)


def _run(name: str, run: Callable[..., Finished]) -> Finished:
    """Run a call with its progress shown: `run` is `run_demo` but for the call and `month`."""
    try:
        call = load(name)
        with _progress() as progress:
            task = progress.add_task("", total=_months(call), events=0, month=f"{call.opens_at:%Y-%m}")

            def month(first: date, events: int) -> None:
                progress.update(task, advance=1, events=events, month=f"{first:%Y-%m}")

            finished = run(call, month=month)
            progress.update(task, completed=_months(call), events=finished.summary["ledger"]["events"])
        return finished
    except StoryBroken as broken:
        fail(
            f"模拟至此中断，请核对通知文件中的规则与字段是否可以同时满足：{broken}",
            f"The simulation ends here; see whether the rules and fields of the call can be met together: {broken}",
            1,
        )
    except (FileNotFoundError, FileExistsError) as wrong:
        fail_as(wrong)


def _months(call: FundingCall) -> int:
    """About how many months a call runs: until half a year after the end of execution."""
    end = call.execution_ends_by or call.closes_at.date()
    return (end.year - call.opens_at.year) * 12 + end.month - call.opens_at.month + 10


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("[bold]{task.fields[month]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("月 months · {task.fields[events]} 事件 events"),
        TimeElapsedColumn(),
        console=errors,
    )


def _show(call: FundingCall, finished: Finished, data: Path) -> None:
    s: dict[str, Any] = finished.summary
    console.print(f"\n[bold]{call.title_zh}[/] · {call.title_en}")
    most = max(s["passed_through"].values())
    rows = [
        (f"{STATES[State(name)][0]} {name}", count, "█" * max(1, round(count / most * 30)), s["by_state"][name])
        for name, count in s["passed_through"].items()
    ]
    table("经历各状态的申报件 · through each state", ("状态 state", "经过 passed", "", "现在 now"), rows)
    exits = [(f"{STATES[State(n)][0]} {n}", c) for n, c in s["by_state"].items() if n not in s["passed_through"] and c]
    table("其他去向 · other ends", ("状态 state", "件 count"), exits)
    why = [("\n".join(in_general(code, call)), times) for code, times in s["refusals"].items()]
    table("不予接受（按原因） · refusals by reason", ("原因 why", "次 times"), why)
    table("消息通知 · notices", ("通知 notice", "封 sent"), s["notices_by_kind"].items())
    goals = [
        (f"{target.zh} {target.en}", f"{s['targets'][target.id]['reached']} / {target.at_least}")
        for target in call.targets
    ]
    table("目标进度（验收确认） · towards the targets, as accepted", ("目标 target", "进度 reached"), goals)
    console.print(
        f"期限 deadlines: {s['deadlines']['fired']} 触发 fired, {s['deadlines']['overdue']} 逾期 overdue · "
        f"通知 notices: {s['notices']['recorded']} 记录 recorded, {s['notices']['accepted']} 送达中继 accepted by the relay\n"
        f"台账 ledger: {s['ledger']['events']} 事件 events, 根 root {s['ledger']['root']}\n"
        f"重放差异 divergences: {s['divergences']} · {s['seconds']} s · {s['peak_mib']} MiB\n"
        f"邮件 mails: {data / MBOX}"
    )
