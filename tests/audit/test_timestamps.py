"""A timestamping authority (`openssl ts`) stamps checkpoints; what it answers is verified, kept, and holds for openssl too."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates

from fundcall.audit.timestamps import stamped_at
from fundcall.bootstrap import settings_for
from fundcall.witnessing import witnesses_of

library = pytest.importorskip("rfc3161_client", reason="the extra `timestamps` is not installed")
NOTE = "o\n1\nr\nstatutory c closes\n\n— o x\n"
CONFIG = """
[tsa]
default_tsa = own
[own]
dir = .
serial = ./serial
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *asked: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *asked], cwd=folder, check=True, capture_output=True)


def authority(folder: Path) -> None:
    """The keys and certificates of a certification authority and of a timestamping authority under it."""
    folder.mkdir()
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    made = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, *made, "-x509", "-days", "9", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, *made, "-subj", "/CN=tsa", "-keyout", "tsa.key", "-out", "tsa.csr")
    (folder / "ext").write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
    signed = ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9")
    openssl(folder, *signed, "-extfile", "ext", "-out", "tsa.pem")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("tsa") / "a"
    authority(folder)

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "q").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl(folder, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q", "-out", "r")
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "r").read_bytes())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Asked) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_an_authority_stamps_a_checkpoint_and_openssl_agrees(served: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = served
    settings = settings_for(tmp_path, witnesses=f"tsa:{folder / 'ca.pem'} {url}")
    (witness,) = witnesses_of(settings, lambda: datetime.now(UTC))
    word, encoded = witness.take(NOTE, 1, 0, lambda *_: []).split()
    answer, roots = base64.b64decode(encoded), load_pem_x509_certificates((folder / "ca.pem").read_bytes())
    assert word == "rfc3161"
    assert abs(stamped_at(answer, NOTE.encode(), roots) - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="does not hold"):
        stamped_at(answer, NOTE.encode() + b"x", roots)
    (folder / "note").write_text(NOTE)
    (folder / "kept").write_bytes(answer)
    ran = openssl(folder, "ts", "-verify", "-data", "note", "-in", "kept", "-CAfile", "ca.pem")
    assert b"Verification: OK" in ran.stdout + ran.stderr


def test_an_authority_that_is_not_trusted_stamps_nothing(served: tuple[Path, str], tmp_path: Path) -> None:
    authority(tmp_path / "other")
    settings = settings_for(tmp_path, witnesses=f"tsa:{tmp_path / 'other' / 'ca.pem'} {served[1]}")
    (witness,) = witnesses_of(settings, lambda: datetime.now(UTC))
    with pytest.raises(ValueError, match="does not hold"):
        witness.take(NOTE, 1, 0, lambda *_: [])
