"""Validate the electronic seals of a PDF; the only importer of pyHanko.

It is run in a child process: hostile files make the parser loop, eat memory or crash. Stricter than pyHanko's own
summary, which lets pass a form value changed after sealing and bytes behind the end: the last seal covers every byte of
the file, each earlier one its whole revision with nothing but further seals behind it.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager

from fundcall.documents.cms import accounted_for, envelope
from fundcall.documents.report import Seal
from fundcall.documents.sm2 import is_sm2, sm2_verdict

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they log a traceback for every bad file

_SEALS = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached")
_STAMP = "/ETSI.RFC3161"
_CONTENTS = re.compile(rb"<((?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+)>")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,9}\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_OTHER_PURPOSES = frozenset({"time_stamping", "ocsp_signing", "server_auth", "code_signing"})
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
_CLOCKS_DIFFER = timedelta(hours=1)
_SUBJECT_MAX = 200
_CODE = re.compile(r"[0-9A-Z-]{15,20}")


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to trust, and when it is: seals are validated as of the time of sealing, timestamps as of `now`."""

    anchors: tuple[x509.Certificate, ...]
    now: datetime

    def context(self, moment: datetime) -> ValidationContext:
        """Nobody but the anchors is trusted, nothing is fetched."""
        return ValidationContext(trust_manager=SimpleTrustManager.build(trust_roots=list(self.anchors)), moment=moment)


@dataclass(frozen=True, slots=True)
class _Signature:
    """A filled signature field: what it covers ends at byte `end` (exclusive); `stamp` where it is only a timestamp."""

    name: str
    field: Any
    form: Any
    contents: bytes
    before: int
    after: int
    end: int
    stamp: bool


class _Broken(Exception):
    """The signature is malformed."""


def read_seals(content: bytes, trust: Trust) -> tuple[Seal, ...]:
    """Every seal with its verdict, in the order of sealing; one unreadable where the file cannot be read. Raises
    MemoryError alone. Document timestamps are told only where something is wrong with them.
    """
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        fields = list(enumerate_sig_fields(reader, filled_status=True))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - hostile files bring forth exceptions of many kinds
        return (Seal(_from_afar(content)),)
    signatures, malformed = _read(content, fields)
    names = {name for name, _, _ in fields}
    last = max((signature.end for signature in signatures), default=0)
    found = [_judged(reader, content, signature, last, names, trust) for signature in signatures]
    return (*malformed, *(seal for seal in found if seal is not None))


def _from_afar(content: bytes) -> str:
    """The verdict on a file that cannot be read: changed where a seal in it plainly ended elsewhere than the file does."""
    ends = [int(found[1]) + int(found[2]) for found in _RANGE.finditer(content)]
    return "changed" if ends and max(ends) != len(content) else "unreadable"


def _read(content: bytes, fields: list[Any]) -> tuple[list[_Signature], list[Seal]]:
    signatures, malformed = [], []
    for name, value, field in fields:
        try:
            signatures.append(_signature(content, name, value.get_object(), field))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above
            malformed.append(Seal("broken"))
    return sorted(signatures, key=lambda signature: signature.end), malformed


def _signature(content: bytes, name: str, form: Any, field: Any) -> _Signature:
    """The signature with what it covers: from the first byte on, all but its own contents (ISO 32000-1, 12.8.1)."""
    ranges = [int(n) for n in form["/ByteRange"]]
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges[1:]) <= 0:
        raise _Broken
    _, before, after, length = ranges
    gap = _CONTENTS.fullmatch(content[before:after])
    if gap is None or after + length > len(content):
        raise _Broken
    contents = bytes.fromhex(gap[1].decode())
    if form.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW).original_bytes != contents:
        raise _Broken
    stamp = form.get("/Type") == "/DocTimeStamp" or form.get("/SubFilter") == _STAMP
    return _Signature(name, field, form, contents, before, after, after + length, stamp)


def _judged(
    reader: PdfFileReader, content: bytes, signature: _Signature, last: int, names: set[str], trust: Trust
) -> Seal | None:
    """The seal with its verdict; None for a good timestamp of the document."""
    subject = ""
    try:
        if not signature.stamp and signature.form.get("/SubFilter") not in _SEALS:
            return Seal("cannot_verify")
        info = envelope(signature.contents)
        data = cms.ContentInfo.load(info)["content"]
        subject = _subject(_certificate(data))
        if signature.end == last and last != len(content):
            return Seal("changed", subject)
        signer = data["signer_infos"][0]
        if is_sm2(signer):
            signed = content[: signature.before] + content[signature.after : signature.end]
            return Seal(sm2_verdict(signer, _certificate(data), signed), subject, *_told(signer))
        if not _known(signer):
            return Seal("cannot_verify", subject, *_told(signer))
        embedded = EmbeddedPdfSignature(reader, signature.field, signature.name)
        whole = last if signature.end == last else 0
        if signature.stamp:
            return _stamp(embedded, info, trust, names, whole=bool(whole))
        return _seal(embedded, info, subject, trust, names, whole=bool(whole))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as above
        return Seal("broken", subject)


def _certificate(data: cms.SignedData) -> x509.Certificate:
    """The certificate that the signer names."""
    sid = data["signer_infos"][0]["sid"]
    for choice in data["certificates"]:
        found = choice.chosen
        if sid.name == "subject_key_identifier":
            if found.key_identifier == sid.chosen.native:
                return found
        elif (found.serial_number, found.issuer) == (sid.chosen["serial_number"].native, sid.chosen["issuer"]):
            return found
    raise _Broken


def _known(signer: cms.SignerInfo) -> bool:
    """Whether the algorithms are such as the libraries know by name."""
    pairs = (signer["digest_algorithm"]["algorithm"], signer["signature_algorithm"]["algorithm"])
    return all(algorithm.native != algorithm.dotted for algorithm in pairs)


def _seal(
    embedded: EmbeddedPdfSignature, info: bytes, subject: str, trust: Trust, names: set[str], *, whole: bool
) -> Seal:
    stamped = next(extract_tst_data_iter(embedded.signer_info, signed=False), None)
    claimed = _aware(embedded.self_reported_timestamp)
    moment = claimed if stamped is None else _aware(stamped["encap_content_info"]["content"].parsed["gen_time"].native)
    status = asyncio.run(
        async_validate_pdf_signature(
            embedded, trust.context(moment or trust.now), trust.context(trust.now), key_usage_settings=_USAGE
        )
    )
    stamp = status.timestamp_validity
    sound = stamp is not None and stamp.intact and stamp.valid
    proven = sound and stamp is not None and stamp.trusted
    at = (moment.isoformat(), "timestamp" if proven else "claimed") if moment else ("", "")
    if not (status.intact and status.valid) or (stamped is not None and not sound):
        return Seal("broken", subject, *at)
    if _changed(embedded, names, whole=whole) or not status.docmdp_ok or status.seed_value_constraint_error:
        return Seal("changed", subject, *at)
    certificate = embedded.signer_cert
    if moment is not None and certificate.not_valid_after < moment:
        return Seal("expired", subject, *at)
    purposes = certificate.extended_key_usage_value
    if not status.trusted or (purposes is not None and _OTHER_PURPOSES.issuperset(purposes.native)):
        return Seal("untrusted", subject, *at)
    known = _path(status.validation_path, trust)
    stamp_known = _path(stamp.validation_path, trust) if stamp is not None else set()
    doubtful = (
        moment is None
        or moment > trust.now + _CLOCKS_DIFFER
        or (stamped is not None and not proven)
        or (stamped is None and certificate.not_valid_after < trust.now)
        or not subject
        or not accounted_for(info, known, stamp_known)
    )
    return Seal("cannot_verify" if doubtful else "valid", subject, *at)


def _stamp(embedded: EmbeddedPdfSignature, info: bytes, trust: Trust, names: set[str], *, whole: bool) -> Seal | None:
    """A timestamp of the whole document is no seal; one that is wrong is told."""
    subject = _subject(embedded.signer_cert)
    status = asyncio.run(async_validate_pdf_timestamp(embedded, trust.context(trust.now)))
    if not (status.intact and status.valid):
        return Seal("broken", subject)
    if _changed(embedded, names, whole=whole):
        return Seal("changed", subject)
    good = status.trusted and accounted_for(info, _path(status.validation_path, trust))
    return None if good else Seal("cannot_verify", subject)


def _changed(embedded: EmbeddedPdfSignature, names: set[str], *, whole: bool) -> bool:
    """Whether anything but further seals came after it; nothing at all may come after the last."""
    coverage: Any = embedded.coverage
    result: Any = embedded.diff_result
    if whole:
        return bool(coverage != SignatureCoverageLevel.ENTIRE_FILE)
    if coverage != SignatureCoverageLevel.ENTIRE_REVISION or not isinstance(result, DiffResult):
        return True
    return bool(result.modification_level > ModificationLevel.FORM_FILLING or result.changed_form_fields - names)


def _path(path: Any, trust: Trust) -> set[bytes]:
    """The certificates that a validation rests on, in DER."""
    own = {certificate.dump() for certificate in path.iter_certs(include_root=True)} if path is not None else set()
    return own | {anchor.dump() for anchor in trust.anchors}


def _told(signer: cms.SignerInfo) -> tuple[str, str]:
    """When the signer says to have signed."""
    attributes = signer["signed_attrs"]
    times = [a["values"][0].native for a in attributes or () if a["type"].native == "signing_time"]
    at = _aware(times[0]) if times else None
    return (at.isoformat(), "claimed") if at else ("", "")


def _aware(at: datetime | None) -> datetime | None:
    """An instant in UTC; none where the signer left out from which meridian it counts."""
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None


def _subject(certificate: x509.Certificate) -> str:
    """The organisation, else the common name, whichever is a name rather than a code."""
    found = [name for kind in ("organization_name", "common_name") for name in _names(certificate, kind)]
    return next((name for name in found if name and not _CODE.fullmatch(name)), "")


def _names(certificate: x509.Certificate, kind: str) -> Iterator[str]:
    for rdn in certificate.subject.chosen:
        for pair in rdn:
            if pair["type"].native == kind and isinstance(pair["value"].native, str):
                yield "".join(c for c in pair["value"].native if c.isprintable()).strip()[:_SUBJECT_MAX]
