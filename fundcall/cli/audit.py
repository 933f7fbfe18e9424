"""`fundcall replay` and `audit`: folding anew, checking, proving."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from fundcall.audit.merkle import Tree
from fundcall.audit.world import check_world
from fundcall.bootstrap import Proofs
from fundcall.cli.output import Data, Json, console, fail, instant, opened, print_json, table
from workflow.replay import Divergence, compare, fold_all

_audit = typer.Typer(help="审计 · audit", no_args_is_help=True)
_Application = Annotated[str, typer.Argument(help="申报件编号 · an application")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.add_typer(_audit, name="audit")


def _divergences(found: Iterable[Divergence]) -> list[dict[str, Any]]:
    return [d._asdict() for d in found]


def replay(
    application: Annotated[
        str | None, typer.Argument(help="申报件编号；缺省为全部 · an application; default: all")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至某时刻 · as recorded by an instant")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重放台账并与现状比对（深度1） · Fold the ledger anew and compare (depth 1)."""
    until = instant(as_of)
    with opened(data) as system:
        tree = Tree()
        if application is None:
            replayed = fold_all(system.ledger.stored(), tree.append, until=until)
            found = [*replayed.divergences, *(compare(replayed, system.ledger) if until is None else ())]
            events, states = replayed.events, _states(replayed.applications.values())
        else:
            stored = list(system.ledger.stored(application=application))
            if not stored:
                fail(f"没有申报件“{application}”", f"no application {application!r}", 1)
            one = fold_all(stored, until=until, gapless=False)
            events, states, found = one.events, _states(one.applications.values()), list(one.divergences)
    if as_json:
        print_json({"events": events, "by_state": states, "root": tree.root().hex() if application is None else None,
                    "divergences": _divergences(found)})  # fmt: skip
    else:
        console.print(f"{events} 事件 events · {states}")
        _tell(found)
    if found:
        raise typer.Exit(1)


def _states(applications: Iterable[Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for application in applications:
        counts[application.state.value] = counts.get(application.state.value, 0) + 1
    return dict(sorted(counts.items()))


def _tell(found: Iterable[Divergence]) -> None:
    rows = [(d.position or "-", d.application, d.what, d.expected, d.found) for d in found]
    if rows:
        table("差异 · divergences", ("位置 at", "申报件 application", "何处 what", "应为 expected", "实为 found"), rows)
    else:
        console.print("✓ 无差异 · no divergences")


@_audit.command("verify")
def verify(data: Data = None, as_json: Json = False) -> None:
    """核对一切：台账、名单、期限、职责分离 · Check everything: ledger, lists, deadlines, separation of duties."""
    with opened(data) as system:
        verdict = check_world(system.ledger, system.notices)
    if as_json:
        print_json({"events": verdict.events, "root": verdict.root, "checkpoints": [],
                    "divergences": _divergences(verdict.divergences)})  # fmt: skip
    else:
        console.print(f"{verdict.events} 事件 events · 根 root {verdict.root}")
        _tell(verdict.divergences)
    if verdict.divergences:
        raise typer.Exit(1)


@_audit.command("checkpoint")
def checkpoint(data: Data = None) -> None:
    """签名检查点 · The ledger's signed checkpoint (C2SP), and the key to verify it with."""
    with opened(data) as system:
        proofs = Proofs(system)
        typer.echo(proofs.checkpoint(), nl=False)
        console.print(proofs.signer.verifier, style="dim", markup=False, soft_wrap=True)


@_audit.command("prove")
def prove(
    application: _Application,
    position: Annotated[
        int | None,
        typer.Option(
            "--position", min=1, help="仅证明该位置的事件，输出C2SP tlog-proof · one event alone, as C2SP tlog-proof"
        ),
    ] = None,
    data: Data = None,
) -> None:
    """证明申报件的事件在台账中 · Prove that an application's events stand on the ledger, to be checked offline."""
    with opened(data) as system:
        found = Proofs(system).proof(application, None if position is None else {position})
    if not found["events"]:
        at = f" at {position}" if position else ""
        fail(f"没有申报件“{application}”的事件", f"no events of {application!r}{at}", 1)
    if position is None:
        print_json(found)
    else:
        typer.echo(found["events"][0]["proof"], nl=False)
