"""A child process that does to itself what a hostile file might: run in place of the product's own."""

import os
import sys
import tempfile
import time
from typing import Any

from fundcall.documents import child
from fundcall.documents.seal import Trust

examined = child.examined


def obey(content: bytes, trust: Trust) -> dict[str, Any]:
    """What the file says is done; other files are examined as ever."""
    match content[:6]:
        case b"ABORT!":
            os.abort()
        case b"EXIT!!":
            os._exit(0)
        case b"SPIN!!":
            while True:
                pass
        case b"SLEEP!":
            time.sleep(600)
        case b"EATS!!":
            hoard = []
            try:
                while True:
                    hoard.append(bytearray(1 << 20))
            except MemoryError:
                count = len(hoard)
                hoard.clear()
                return {"format": f"{count}", "pages": 0, "findings": ["memory"], "seals": []}
        case b"FILES!":
            try:
                with tempfile.TemporaryFile() as file:
                    file.write(b"x")
                    file.flush()
            except OSError as wrong:
                return {"format": wrong.strerror or "", "pages": 0, "findings": [], "seals": []}
        case b"SECRET":
            names = ",".join(sorted(os.environ))
            return {"format": names, "pages": 0, "findings": [], "seals": []}
    return examined(content, trust)


child.examined = obey
child.CPU_SECONDS = 1  # a file that spins is to be found out soon

if __name__ == "__main__":
    child.main(int(sys.argv[1]))
