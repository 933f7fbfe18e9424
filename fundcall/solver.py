"""What draws experts. It is imported when it is first asked for: few processes ever draw, and it takes a second."""

from __future__ import annotations

from workflow.draws import Solver


def solver() -> Solver:
    """HiGHS, with its name and version."""
    from fundcall.assignment import SOLVER, assign  # noqa: PLC0415 - slow to import, see above

    return Solver(SOLVER, assign)
