"""Every parser of what comes from outside answers whatever it is given, in short; and a fault of our own making is found."""

from __future__ import annotations

import base64
import json
from itertools import islice

import pytest

from tests.fuzzing import trial
from tests.fuzzing.__main__ import main
from tests.fuzzing.chance import inputs
from tests.fuzzing.planted import TARGETS
from tests.fuzzing.target import ROOMS, ROOT, every
from tests.fuzzing.trial import Trial

PARSERS = {name: target for name, (_, target) in every(*ROOMS).items()}
PLANTED = {target.name: target for target in TARGETS}


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_answers_whatever_it_is_given(name: str) -> None:
    target = PARSERS[name]
    tried, seeds = Trial(target), target.seeds()
    for content in islice(inputs(seeds, 0), len(seeds) + target.runs):
        tried.run(content)
    assert ([fault.told() for fault in tried.faults.values()], tried.runs) == ([], len(seeds) + target.runs)


@pytest.mark.parametrize("name", PARSERS)
def test_the_samples_are_such_as_the_parser_takes(name: str) -> None:
    for content in PARSERS[name].seeds():
        PARSERS[name].parse(content)


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, again, other = (list(islice(inputs([b'{"a": 1}', b"b"], seed), 300)) for seed in (1, 1, 2))
    assert first == again != other


def test_of_a_fault_the_place_and_the_shortest_input_are_told() -> None:
    tried = Trial(PLANTED["planted-wrong"])
    for content in (b"abc", b"b", b"ab", b"a sample", b"abcd"):
        tried.run(content)
    (told,) = (fault.told() for fault in tried.faults.values())
    source = (ROOT / "tests" / "fuzzing" / "planted.py").read_text().split("\n")
    line = source.index('        raise LookupError("planted")') + 1
    assert told == {
        "error": "LookupError: planted",
        "place": f"tests/fuzzing/planted.py:{line} in _wrong",
        "times": 3,
        "input": base64.b64encode(b"ab").decode(),
    }


def test_an_input_that_takes_too_long_is_stopped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SECONDS_MAX", 0.05)
    tried = Trial(PLANTED["planted-endless"])
    tried.run(b"x")
    tried.run(b"a sample")
    assert [(fault.error, fault.content) for fault in tried.faults.values()] == [("TooSlow: longer than 0.05 s", b"x")]


def test_a_process_tells_what_it_found_and_one_that_is_gone_is_told_with_its_input(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["planted-none", "--seconds", "0.2", "--json"]) == 0
    sound = json.loads(capsys.readouterr().out)
    assert (sound["faults"], sound["targets"], sound["runs"] > 0) == ([], 1, True)
    assert main(["planted-wrong", "planted-gone", "--seconds", "0.2", "--json"]) == 1
    wrong, gone = json.loads(capsys.readouterr().out)["faults"]
    assert (wrong["target"], wrong["error"], base64.b64decode(wrong["input"])[:1]) == ("planted-wrong", "LookupError: planted", b"a")  # fmt: skip
    assert (gone["target"], gone["place"], gone["error"][:10]) == ("planted-gone", "the process", "ended with")


def test_a_target_that_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such"]) == 2
    assert "no-such" in capsys.readouterr().err
