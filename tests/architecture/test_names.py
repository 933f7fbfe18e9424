"""The names of the product: its own in the environment it is installed in, and each saying something."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from tests.architecture.house import PACKAGES, ROOT, modules

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "misc"}


def providers(installed: Iterable[Distribution]) -> Mapping[str, set[str]]:
    """For each of the product's names, the other distributions that provide it."""
    found: dict[str, set[str]] = defaultdict(set)
    for distribution in installed:
        for file in distribution.files or ():
            top = file.parts[0].removesuffix(".py")
            if top in PACKAGES and distribution.name != "fundcall":
                found[top].add(distribution.name)
    return found


def test_no_other_installed_distribution_provides_a_name_of_the_product() -> None:
    assert providers(distributions()) == {}


def test_a_distribution_that_provides_one_is_found(tmp_path: Path) -> None:
    info = tmp_path / "intruder-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: intruder\nVersion: 1.0\n")
    (info / "RECORD").write_text("states/__init__.py,,\nworkflow.py,,\nintruder/fundcall.py,,\n")
    for name in ("states/__init__.py", "workflow.py", "intruder/fundcall.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert providers(distributions(path=[str(tmp_path)])) == {"states": {"intruder"}, "workflow": {"intruder"}}


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {
        part
        for path in modules(*PACKAGES, "tests", "benchmarks")
        for part in path.relative_to(ROOT).with_suffix("").parts
    }
    assert names & SAYS_NOTHING == set()
