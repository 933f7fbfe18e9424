"""`python -m fundcall`."""

from __future__ import annotations

from fundcall.cli import main

if __name__ == "__main__":
    main()
