"""What each event changes in an application: facts are applied as they stand, never judged again."""

from __future__ import annotations

from collections.abc import Mapping

from states.apply import award, credit, execution, filing, review
from states.apply.change import Apply
from states.events import BY_NAME

APPLY: Mapping[str, Apply] = {
    **filing.APPLY,
    **review.APPLY,
    **award.APPLY,
    **execution.APPLY,
    **credit.APPLY,
}
"""Event type to the function that gives the fields it changes, beside state, phase, deadlines and acts."""

if not APPLY.keys() <= BY_NAME.keys():
    raise TypeError(f"no such event: {sorted(APPLY.keys() - BY_NAME.keys())}")
