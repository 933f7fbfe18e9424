"""`fundcall documents orphans`: what nobody names is listed, and removed when that is asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from fundcall.bootstrap import install, settings_for
from fundcall.cli import app
from fundcall.documents.shelf import keep, place_of


def said(folder: Path, *options: str) -> Any:
    done = CliRunner().invoke(app, ["documents", "orphans", *options, "--json", "--data", str(folder)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_orphans_are_listed_and_removed_only_when_asked_and_old_enough(tmp_path: Path) -> None:
    install(settings_for(tmp_path, database_url=""))
    old, new = (keep(content, tmp_path / "documents") for content in (b"old", b"new"))
    os.utime(place_of(tmp_path / "documents", old), (0, 0))
    assert said(tmp_path) == {"orphans": [old], "removed": False}
    assert place_of(tmp_path / "documents", old).is_file()
    assert said(tmp_path, "--remove") == {"orphans": [old], "removed": True}
    assert said(tmp_path) == {"orphans": [], "removed": False}
    assert place_of(tmp_path / "documents", new).is_file()
