"""The certificates that seals must lead to: every PEM file of a folder, as the office has chosen them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fundcall.documents.report import EXAMINER_VERSION


class AnchorFault(Exception):
    """A file in the folder of trusted certificates is none; says which, in both languages."""


@dataclass(frozen=True)
class Anchors:
    """Trusted certificates in DER, sorted."""

    certificates: tuple[bytes, ...] = ()

    @cached_property
    def version(self) -> str:
        """What a report rests on beside the bytes: the examiner's version and these certificates, as a short digest."""
        digest = hashlib.sha256(str(EXAMINER_VERSION).encode())
        for certificate in self.certificates:
            digest.update(hashlib.sha256(certificate).digest())
        return digest.hexdigest()[:16]


def read_anchors(folder: Path) -> Anchors:
    """The anchors of a folder (*.pem, *.crt, *.cer in PEM); none where there is no folder. Raises AnchorFault, OSError."""
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in (".pem", ".crt", ".cer"))
    return Anchors(tuple(sorted({der for file in files for der in _certificates(file)})))


def _certificates(file: Path) -> list[bytes]:
    from cryptography import x509  # noqa: PLC0415 - costs 0.1 s, and most installations of a day have no folder yet
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
        return [certificate.public_bytes(Encoding.DER) for certificate in found]
    except ValueError as wrong:
        raise AnchorFault(f"{file}: 不是PEM格式的证书 / not a certificate in PEM") from wrong
