"""The built wheel holds the whole product, its data files too, and nothing else."""

import zipfile
from pathlib import Path

from tests.architecture.house import PACKAGES, ROOT, files, run


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(tmp_path: Path) -> None:
    done = run("hatchling", "build", "--target", "wheel", "--directory", str(tmp_path), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    product = {path.relative_to(ROOT).as_posix() for path in files(*PACKAGES)}
    assert held == {name for name in product if not name.endswith("/ruff.toml")}
