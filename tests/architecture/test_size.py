"""Files and functions stay small enough to be read at one go."""

import ast
from statistics import median, quantiles

from tests.architecture.house import PACKAGES, ROOT, modules

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 8
FUNCTION_LINES_P90_MAX = 30

LONG_FILES: dict[str, str] = {
    "states/reasons.py": "one list of texts, an entry a refusal",
    "states/labels.py": "lists of words, an entry a stored name",
}
"""Files that may be longer, each with its reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer ("path:name"), each with its reason."""
GENERATED = "fundcall/storage/migrations/versions/"  # a migration lists what it makes, table by table


def functions(source: str) -> dict[str, int]:
    """The lines of every function, the inner ones too, by name and line."""
    return {
        f"{node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def measured() -> dict[str, int]:
    """The lines of every function of the product, by "path:name"."""
    found: dict[str, int] = {}
    for path in modules(*PACKAGES):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(GENERATED):
            for function, lines in functions(path.read_text()).items():
                key = f"{name}:{function.partition(':')[0]}"
                found[key] = max(lines, found.get(key, 0))
    return found


def test_only_listed_files_are_long() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules(*PACKAGES)}
    assert {name for name, count in lines.items() if count > FILE_LINES_MAX} == set(LONG_FILES)


def test_only_listed_functions_are_long() -> None:
    assert {name for name, lines in measured().items() if lines > FUNCTION_LINES_MAX} == set(LONG_FUNCTIONS)


def test_most_functions_are_short() -> None:
    lines = list(measured().values())
    assert median(lines) <= FUNCTION_LINES_MEDIAN_MAX
    assert quantiles(lines, n=10)[-1] <= FUNCTION_LINES_P90_MAX


def test_a_function_is_measured_from_its_name_to_its_last_line() -> None:
    source = "@cached\ndef outer():\n    def inner():\n        return 1\n    return inner\n\nasync def far(): ...\n"
    assert functions(source) == {"outer:2": 4, "inner:3": 2, "far:7": 1}
