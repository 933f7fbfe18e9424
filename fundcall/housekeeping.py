"""What the administrator's desk looks after, put together: accounts, keys, settings without secrets, the files of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fundcall.accounts.desk import Desk
from fundcall.calls.load import check_file, file_of, shipped
from fundcall.settings import Settings
from fundcall.storage.accounts import SqliteAccounts
from fundcall.storage.administration import SqliteBook
from fundcall.storage.health import SqliteHealth
from fundcall.storage.ledger import SqlLedger
from fundcall.storage.tokens import SqliteTokens
from workflow.registry import Experts

_SECRET = frozenset({"oidc_client_secret"})


def administration(
    settings: Settings,
    ledger: SqlLedger,
    accounts: SqliteAccounts,
    tokens: SqliteTokens,
    experts: Experts,
    health: SqliteHealth,
) -> Any:
    """The desk of an installation (`fundcall.web.administration.Administration`)."""
    from fundcall.web.administration import Administration  # noqa: PLC0415 - slow to import

    desk = Desk(accounts, SqliteBook(ledger, accounts))
    return Administration(desk, tokens, experts.everyone, shown(settings), lambda: faults(settings), health)


def shown(settings: Settings) -> list[tuple[str, str]]:
    """The settings as they are in the environment, without a secret."""
    return [
        (f"FUNDCALL_{name.upper()}", "***" if name in _SECRET and value else _told(value))
        for name, value in settings.model_dump().items()
    ]


def _told(value: object) -> str:
    """A value in words; of an address only where it leads, since a password may stand in it."""
    text = "" if value is None else str(value)
    parts = urlsplit(text) if "://" in text else None
    if parts is None or "@" not in parts.netloc:
        return text
    return parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}").geturl()


def faults(settings: Settings) -> Mapping[str, Sequence[str]]:
    """What is wrong with each file of a call now, a sentence each."""
    names = [*shipped(), *filter(None, map(str.strip, settings.calls.split(",")))]
    return {Path(name).name: _of(name) for name in names}


def _of(name: str) -> list[str]:
    try:
        return [f"{fault.line or ''} {fault.path}: {fault.zh} / {fault.en}" for fault in check_file(file_of(name))]
    except OSError as wrong:
        return [f"{type(wrong).__name__}"]
