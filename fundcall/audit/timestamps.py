"""Timestamps of checkpoints by an authority (RFC 3161), with the optional library `rfc3161-client`: its only importer."""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence
from datetime import datetime

from cryptography.x509 import Certificate

_SECONDS = 10
_BYTES_MAX = 1 << 16
_ASKED = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


def stamped(url: str, content: bytes, roots: Sequence[Certificate]) -> bytes:
    """The authority's answer for some bytes, verified. Raises OSError, ImportError, ValueError where it does not hold."""
    from rfc3161_client import TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415 - optional
    from rfc3161_client.base import HashAlgorithm  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    request = urllib.request.Request(url, asked.as_bytes(), _ASKED)  # noqa: S310 - http or https, as it was configured
    with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310  # nosec B310
        answer: bytes = reply.read(_BYTES_MAX)
    verifier = VerifierBuilder.from_request(asked)
    for root in roots:
        verifier = verifier.add_root_certificate(root)
    try:
        verifier.build().verify_message(decode_timestamp_response(answer), content)
    except VerificationError as wrong:
        raise ValueError(f"the timestamp does not hold: {wrong}") from wrong
    return answer


def stamped_at(answer: bytes, content: bytes, roots: Sequence[Certificate]) -> datetime:
    """When an authority stamped some bytes, by its answer. Raises ValueError where that does not hold, ImportError."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    verifier = VerifierBuilder()
    for root in roots:
        verifier = verifier.add_root_certificate(root)
    found = decode_timestamp_response(answer)
    try:
        verifier.build().verify_message(found, content)
    except VerificationError as wrong:
        raise ValueError(f"the timestamp does not hold: {wrong}") from wrong
    at: datetime = found.tst_info.gen_time
    return at
