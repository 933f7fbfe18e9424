"""What holds for every test."""

import os

from hypothesis import settings

if "CI" not in os.environ:  # under CI Hypothesis has a profile of its own: the same examples every time, no deadline
    settings.register_profile("shared machine", deadline=None)
    settings.load_profile("shared machine")
