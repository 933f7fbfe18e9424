"""Whether every byte of a signature's CMS envelope is accounted for: by the signature, a chain, or the one right encoding.

A signature proves what it signs, yet its own envelope (RFC 5652) has room that nobody signs: padding, versions, further
certificates, unsigned attributes. Here that room is empty, or the seal is not called valid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from asn1crypto import algos, cms, core, x509

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_NULL = b"\x05\x00"


def envelope(padded: bytes) -> bytes:
    """The DER value at the start of zero-padded bytes. Raises ValueError where there is none, or anything but zeros."""
    info = cms.ContentInfo.load(padded)
    found = bytes(info.dump())
    if not padded.startswith(found) or padded[len(found) :].strip(b"\x00"):
        raise ValueError("something else behind the envelope")
    return found


def accounted_for(info: bytes, known: Collection[bytes], stamp_known: Collection[bytes] = ()) -> bool:
    """Whether the envelope is exactly what its signed and chained parts make. `known` certificates are those of the
    path that was validated and the anchors, in DER; `stamp_known` those of the timestamp inside.
    """
    data = cms.ContentInfo.load(info)["content"]
    if len(data["signer_infos"]) != 1:
        return False
    signer = data["signer_infos"][0]
    certificates = [choice.chosen for choice in data["certificates"]]
    own = next((c for c in certificates if c.dump() in known and _sid(signer["sid"], c) == signer["sid"].dump()), None)
    if own is None or any(c.dump() not in known or not _consistent(c) for c in certificates):
        return False
    digest = signer["digest_algorithm"].dump()
    stamps = list(_stamps(signer["unsigned_attrs"]))
    if not _plain_algorithm(digest) or not _plain_algorithm(signer["signature_algorithm"].dump()):
        return False
    if any(not accounted_for(stamp, stamp_known) for stamp in stamps):
        return False
    by_key = signer["sid"].name == "subject_key_identifier"
    content = data["encap_content_info"]
    foreign = content["content_type"].native != "data"
    made = _sequence(
        core.ObjectIdentifier(_SIGNED_DATA).dump(),
        _tagged(0xA0, _sequence(
            core.Integer(3 if foreign or by_key else 1).dump(),
            _tagged(0x31, digest),
            _content(content),
            _tagged(0xA0, b"".join(c.dump() for c in certificates)),
            _tagged(0x31, _sequence(
                core.Integer(3 if by_key else 1).dump(), signer["sid"].dump(), digest,
                _tagged(0xA0, b"".join(attribute.dump() for attribute in signer["signed_attrs"])),
                signer["signature_algorithm"].dump(),
                core.OctetString(signer["signature"].native).dump(),
                *(_tagged(0xA1, _stamp_attribute(stamp)) for stamp in stamps),
            )),
        )),
    )  # fmt: skip
    return made == info and len(stamps) <= 1


def _sid(sid: cms.SignerIdentifier, certificate: x509.Certificate) -> bytes:
    """The identifier by which a certificate would be named in that way."""
    if sid.name == "subject_key_identifier":
        return _tagged(0x80, certificate.key_identifier or b"")
    return _sequence(certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump())


def _consistent(certificate: x509.Certificate) -> bool:
    """A certificate names its algorithm twice, and only one of the two is signed; nothing stands between its parts."""
    inner, outer = certificate["tbs_certificate"]["signature"].dump(), certificate["signature_algorithm"].dump()
    value = certificate["signature_value"]
    rebuilt = _sequence(certificate["tbs_certificate"].dump(), outer, _tagged(0x03, b"\x00" + bytes(value)))
    return bool(inner == outer and rebuilt == certificate.dump())


def _plain_algorithm(found: bytes) -> bool:
    """Whether an algorithm is an identifier with no parameters, NULL, or those of RSASSA-PSS in DER."""
    read = algos.SignedDigestAlgorithm.load(found)
    name = core.ObjectIdentifier(read["algorithm"].dotted).dump()
    if read["algorithm"].native == "rsassa_pss":
        return bool(read.copy().dump(force=True) == found)
    return found in (_sequence(name), _sequence(name, _NULL))


def _content(content: cms.EncapsulatedContentInfo) -> bytes:
    name = core.ObjectIdentifier(content["content_type"].dotted).dump()
    if content["content"].native is None:
        return _sequence(name)
    return _sequence(name, _tagged(0xA0, _tagged(0x04, bytes(content["content"]))))


def _stamps(attributes: Any) -> Iterator[bytes]:
    """The timestamps among the unsigned attributes; whatever else is there makes the envelope differ."""
    for attribute in attributes or ():
        if attribute["type"].dotted == _TIMESTAMP:
            yield from (value.dump() for value in attribute["values"])


def _stamp_attribute(stamp: bytes) -> bytes:
    return _sequence(core.ObjectIdentifier(_TIMESTAMP).dump(), _tagged(0x31, stamp))


def _sequence(*parts: bytes) -> bytes:
    return _tagged(0x30, b"".join(parts))


def _tagged(tag: int, content: bytes) -> bytes:
    """A DER value with the shortest length there is."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
