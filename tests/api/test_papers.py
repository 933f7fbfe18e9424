"""Papers are made whatever people write: what no font can show is marked, and never stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path

import pytest
import typst
from typer.testing import CliRunner

from fundcall import papers
from fundcall.auditing import verify
from fundcall.cli import app
from fundcall.messenger import steps
from tests.api.office import Office, ok
from tests.drive import F1
from tests.filings import CLIMATE
from tests.pdf_text import pdf_text


@pytest.mark.parametrize("unshown", ["\U00099b2b", "\ue000\U00099b2c", "ሴ𐎀"])
def test_a_character_that_no_font_has_is_marked_on_receipt_and_dossier(office: Office, unshown: str) -> None:
    application, unit = office.draft(1), office.unit(1)
    ok(office.do(application, "EditDraft", unit, form={**CLIMATE.form, "title": f"花园{unshown}之友"}))
    ok(office.do(application, "SubmitApplication", unit))
    for path, who in (("receipt.pdf", unit), ("dossier.pdf", F1)):
        answer = office.get(f"/api/v1/applications/{application}/{path}", who)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
        assert "花园" in pdf_text(answer.content)


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which no font is installed but those that the typesetter brings, which have no Chinese."""
    monkeypatch.setattr(typst, "compile", partial(typst.compile, ignore_system_fonts=True))
    papers.typeface.cache_clear()
    papers._compiled.cache_clear()
    yield
    papers.typeface.cache_clear()


@pytest.mark.usefixtures("without_fonts")
def test_without_a_chinese_font_a_paper_is_refused_with_what_to_do_about_it(office: Office) -> None:
    application, unit = office.submitted(), office.unit()
    for path, who in (("receipt.pdf", unit), ("dossier.pdf", F1)):
        answer = office.get(f"/api/v1/applications/{application}/{path}", who)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (503, "no_typeface")
        assert ("fonts-noto-cjk" in told["remedy"], "fonts-noto-cjk" in told["remedy_en"]) == (True, True)


@pytest.mark.usefixtures("without_fonts")
def test_without_a_chinese_font_the_command_says_what_to_install(office: Office, tmp_path: Path) -> None:
    application = office.submitted()
    where = ["--pdf", str(tmp_path / "a.pdf"), "--data", str(office.system.settings.data_dir)]
    done = CliRunner().invoke(app, ["receipt", application, *where])
    assert (done.exit_code, (tmp_path / "a.pdf").exists()) == (1, False)
    assert "未安装中文字体" in done.stderr
    assert "install one (Debian: apt-get install fonts-noto-cjk)" in done.stderr


@pytest.mark.usefixtures("without_fonts")
def test_without_a_chinese_font_mails_leave_without_papers_and_can_be_written_again(office: Office) -> None:
    application = office.submitted()
    for step in steps(office.system):
        step()
    notice = next(n for n in office.system.notices.notices(application) if n.template == "submission_receipt")
    message = message_from_bytes(notice.body, policy=default)
    assert [part.get_filename() for part in message.walk() if part.get_filename()] == ["cancelled.ics"]
    assert verify(office.system, 3).divergences == ()
