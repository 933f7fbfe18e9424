"""A module executed anew in a process that has it already, with whatever in `states` was made from it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

_CORE = ("states.",)
_OURS = ("states.", "workflow.", "notifications.", "fundcall.", "tests.")


@cache
def _imports(name: str) -> frozenset[str]:
    """The modules of ours that a module takes something from."""
    path = sys.modules[name].__file__
    if path is None:
        return frozenset()
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return frozenset(one for one in found if one in sys.modules and one.startswith(_OURS))


def made_from(name: str) -> list[str]:
    """The module and those of the core that were made from it, each after what it takes from."""
    core = [one for one in sys.modules if one.startswith(_CORE)]
    wanted = {name}
    while more := {one for one in core if one not in wanted and _imports(one) & wanted}:
        wanted |= more
    order: list[str] = []

    def add(one: str) -> None:
        if one in wanted and one not in order:
            for needed in sorted(_imports(one) - {one}):
                add(needed)
            order.append(one)

    for one in sorted(wanted):
        add(one)
    return order


def execute(names: Iterable[str]) -> None:
    """Execute modules anew, and let whoever holds what they had made hold what they made now."""
    replaced: dict[int, tuple[object, object]] = {}
    for name in names:
        module = sys.modules[name]
        before = dict(module.__dict__)
        if module.__spec__ is None or module.__spec__.loader is None:
            raise ImportError(name)
        module.__spec__.loader.exec_module(module)
        for key, old in before.items():
            new = module.__dict__[key]
            if old is not new and not key.startswith("__") and not isinstance(old, ModuleType):
                replaced[id(old)] = old, new
        _rebind(replaced)


def _rebind(replaced: dict[int, tuple[object, object]]) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(_OURS):
            for key, value in list(module.__dict__.items()):
                found = replaced.get(id(value))
                if found is not None and found[0] is value:
                    module.__dict__[key] = found[1]
