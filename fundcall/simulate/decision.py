"""What the simulated office awards: by the ranking, while the call's money lasts, and to nobody below a pass mark."""

from __future__ import annotations

from collections.abc import Sequence

from fundcall.simulate.profile import Profile
from states.funding_call import FundingCall
from workflow.board import drawn
from workflow.ports import Ledger
from workflow.scoring import ranked, read_scores, standings

SHARE_PERCENT = 80
_PASS_PPM = 700_000
_SCARCE_FROM, _SCARCE_PERCENT = 50, 70


def envelope(profiles: Sequence[Profile]) -> int:
    """The money of a programme: enough for all who deserve some where they are few, else short of that."""
    asked = sum(int(p.form["requested_minor"]) * SHARE_PERCENT // 100 for p in profiles if p.merit > 70)
    percent = _SCARCE_PERCENT if len(profiles) > _SCARCE_FROM else 100
    return max(1, asked * percent // 100)


class Decision:
    """The board as it stands once all scores are in; it is drawn when the first case asks."""

    def __init__(self, ledger: Ledger, call: FundingCall) -> None:
        self._ledger = ledger
        self._call = call
        self._awards: dict[str, int] | None = None

    def award_of(self, application: str) -> int:
        """The amount to be proposed for an application, in minor units; 0 where none is."""
        if self._awards is None:
            self._awards = self._drawn()
        return self._awards.get(application, 0)

    def _drawn(self) -> dict[str, int]:
        call = self._call
        money = self._ledger.transact(lambda transaction: transaction.programme(call.id)).envelope
        places = ranked(call, standings(call, read_scores(call, self._ledger)))
        board = drawn(call, money, places, share_percent=SHARE_PERCENT)
        good = [one for one in board.lines if one.place.standing.ppm("mean") >= _PASS_PPM]
        return {one.place.standing.application.id: one.amount_minor for one in good if one.standing == "above"}
