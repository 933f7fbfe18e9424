"""What somebody typed while their session ran out, held in the page itself until it can be sent: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from fundcall.web.problems import Problem
from fundcall.web.visit import local

_OURS = frozenset({"form_token", "kept"})


def keep_form(path: str, form: Mapping[str, str]) -> str:
    """A form and where it goes, as text for a hidden field."""
    return orjson.dumps({"path": path, "form": {k: v for k, v in form.items() if k not in _OURS}}).decode()


def kept_form(text: str) -> tuple[str, Mapping[str, str]]:
    """The same again: an address of ours, and the fields. Raises Problem 422."""
    try:
        found = orjson.loads(text)
        path, form = local(found["path"]), found["form"].items()
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as wrong:
        raise Problem(422, "malformed", "保留的内容无法读取", "what was kept cannot be read") from wrong
    return path, {str(name): str(value) for name, value in form if name not in _OURS}
