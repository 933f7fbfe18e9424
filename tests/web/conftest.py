"""An installation a test, as the interface's tests have it."""

from tests.api.conftest import examiner, office

__all__ = ["examiner", "office"]
