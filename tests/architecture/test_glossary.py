"""The glossary names every state of the code, and no other."""

import re

from states.application import State
from tests.architecture.house import ROOT

CODE = re.compile(r"^\|[^|]+\|[^|]+\| `(\w+)` \|", re.MULTILINE)


def test_the_glossary_lists_the_states_in_the_order_of_the_code() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    section = text[text.index("## States of an application") : text.index("## The call and who takes part")]
    assert CODE.findall(section) == [state.value for state in State]
