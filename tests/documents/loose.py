"""A child process with a fault of our own making: it looks at nothing that the seal's digest does not cover."""

import re
import sys

from fundcall.documents import child, seal

seal.accounted_for = lambda *_: True  # type: ignore[attr-defined]
seal._CONTENTS = re.compile(rb"<([0-9a-fA-F\s]*)>")
seal.envelope = lambda padded: padded  # type: ignore[attr-defined]

if __name__ == "__main__":
    child.main(int(sys.argv[1]))
