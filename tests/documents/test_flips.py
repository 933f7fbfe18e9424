"""Whatever is flipped in a sealed file: it is never valid again."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fundcall.documents.examiner import Examiner
from tests.documents.forged import contents_at, flipped, plain, sealed
from tests.documents.making import ADOBE, root, rsa_unit, seal, stamper

FILES = {
    "a seal": sealed(),
    "a stamped seal with its root": seal(plain(), stamps=stamper(), chain=(root(),)),
    "an RSA seal": seal(plain(), rsa_unit(), subfilter=ADOBE),
    "two seals": seal(sealed(), rsa_unit(), field="Seal2"),
}


@st.composite
def flips(draw: st.DrawFn) -> tuple[str, int, int]:
    """A file, a place and bits to turn; half of the places are in a seal's envelope, which no digest covers."""
    name = draw(st.sampled_from(sorted(FILES)))
    content = FILES[name]
    start = contents_at(content, 0)
    anywhere = st.integers(0, len(content) - 1)
    envelope = st.integers(start - 2, start + len(content[start : content.index(b">", start)].rstrip(b"0")))
    return name, draw(st.one_of(anywhere, envelope)), draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 255]))


def test_the_files_are_valid_as_they_are(examiner: Examiner) -> None:
    assert [examiner.examine(content).seal for content in FILES.values()] == ["valid"] * len(FILES)


@settings(max_examples=200, deadline=None)
@given(flips())
@example(("a seal", FILES["a seal"].index(b">", contents_at(FILES["a seal"], 0)) - 1, 1))
@example(("a seal", len(FILES["a seal"]) - 1, 1))
def test_a_file_with_a_flipped_byte_is_never_valid(examiner: Examiner, flip: tuple[str, int, int]) -> None:
    name, at, bits = flip
    assert examiner.examine(flipped(FILES[name], at, bits)).seal != "valid"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from([b"", b"%PDF-1.7\n"]))
def test_no_bytes_bring_an_examination_down(examiner: Examiner, noise: bytes, start: bytes) -> None:
    report = examiner.examine(start + noise)
    assert set(report.findings).isdisjoint({"crash", "timeout", "memory"})
    assert report.findings
    assert report.seal != "valid"


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(FILES["two seals"])), st.integers(0, 400), st.binary(max_size=60))
def test_a_file_with_a_part_replaced_is_never_valid(examiner: Examiner, at: int, length: int, put: bytes) -> None:
    whole = FILES["two seals"]
    other = whole[:at] + put + whole[at + length :]
    assert other == whole or examiner.examine(other).seal != "valid"
