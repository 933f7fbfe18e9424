"""Every command there is: frozen, imperative, plain values only. Read from JSON in `workflow.commands`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.commands import award, credit, execution, filing, programme, review

COMMANDS: Mapping[str, type[Any]] = {
    command.__name__: command for stage in (filing, review, award, execution, credit) for command in stage.COMMANDS
}
"""Command about an application, by name."""

PROGRAMME_COMMANDS: Mapping[str, type[Any]] = {command.__name__: command for command in programme.COMMANDS}
"""Command about a call as a whole, by name."""

# Fields whose values are personal: `workflow.privacy` puts a commitment in their place before anything is decided.
PERSONAL: Mapping[str, str] = {
    "CreateDraft": "contacts",
    "ConfirmContacts": "contacts",
    "FileObjection": "objector",
}
