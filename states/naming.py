"""Whether somebody who objects says who it is: a real name, an address to write to and a mailbox (实名)."""

from __future__ import annotations

import re
from typing import Any

from states.commands.review import Objector

_MAILBOX = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"()]+")
_NOBODY = ("匿名", "无名", "佚名", "某某", "不愿", "不便", "保密", "anonym", "nobody", "unknown", "none")
_NAME_MIN, _NAME_MAX, _ADDRESS_MIN, _LENGTH_MAX = 2, 80, 5, 254


def faults(objector: Any) -> tuple[str, ...]:
    """The fields that do not say who it is: name, email, address; all of them for a commitment, which says nothing.

    A number in the place of a name, and a name that says that it is none, are not real names.
    """
    if not isinstance(objector, Objector):
        return ("name", "email", "address")
    name, address = objector.name.strip(), objector.address.strip()
    letters = sum(character.isalpha() for character in name)
    nobody = any(word in name.lower() for word in _NOBODY)
    right = {
        "name": letters >= _NAME_MIN and len(name) <= _NAME_MAX and name.isprintable() and not nobody,
        "email": len(objector.email) <= _LENGTH_MAX and bool(_MAILBOX.fullmatch(objector.email)),
        "address": _ADDRESS_MIN <= len(address) <= _LENGTH_MAX and address.isprintable(),
    }
    return tuple(field for field, holds in right.items() if not holds)
