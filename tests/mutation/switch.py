"""The switch that mutated modules ask, and the finder that gives those modules to whoever imports them."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutation.planting import SWITCH, Mutant, planted


class Switch:
    """Which mutant is on (none: -1), and which were asked about, where that is wanted."""

    def __init__(self) -> None:
        self.on = -1
        self.reached: set[int] | None = set()

    def __call__(self, number: int) -> bool:
        if self.reached is not None:
            self.reached.add(number)
        return number == self.on


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class Mutated(MetaPathFinder):
    """Modules with all their mutants, instead of those on the disk."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.switch = Switch()
        self.mutants: list[Mutant] = []
        self._codes: dict[str, tuple[Path, CodeType]] = {}
        for path in paths:
            tree, found = planted(path.as_posix(), path.read_text(encoding="utf-8"), len(self.mutants))
            self.mutants += found
            name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            self._codes[name] = path, compile(tree, path, "exec")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._codes:
            return None
        file, code = self._codes[fullname]
        where = str(file.resolve())
        within = [str(file.resolve().parent)] if file.name == "__init__.py" else None
        return spec_from_file_location(
            fullname, where, loader=_Loader(fullname, where, code), submodule_search_locations=within
        )

    def numbers(self, module: str) -> set[int]:
        """All mutants of a module."""
        path = self._codes[module][0].as_posix()
        return {number for number, mutant in enumerate(self.mutants) if mutant.module == path}

    def by_module(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        """These mutants, by the name of the module that they are in."""
        names = {path.as_posix(): name for name, (path, _) in self._codes.items()}
        found: dict[str, list[int]] = {}
        for number in sorted(numbers):
            found.setdefault(names[self.mutants[number].module], []).append(number)
        return found

    def install(self) -> None:
        """Give these to every later import, and the switch to them."""
        wrong = self._codes.keys() & sys.modules.keys()
        if wrong:
            raise RuntimeError(f"imported already, without mutants: {sorted(wrong)}")
        setattr(builtins, SWITCH, self.switch)
        sys.meta_path.insert(0, self)
