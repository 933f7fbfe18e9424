"""SM2/SM3 seals (GB/T 35275, GM/T 0009): disprove what can be disproved; the rest an officer looks at by hand."""

from __future__ import annotations

from asn1crypto import cms, core, x509
from gmssl_pyx import GmsslInnerError, sm2_verify, sm3_hash

SM3 = "1.2.156.10197.1.401"
_SM2 = frozenset({"1.2.156.10197.1.301", "1.2.156.10197.1.301.1", "1.2.156.10197.1.501"})
_INTEGER_BYTES = 32
_SIGNERS = (b"1234567812345678", None)
"""Who signs, as hashed in: what GM/T 0009 has where nothing is agreed; some programs leave that step out."""


def is_sm2(signer: cms.SignerInfo) -> bool:
    """Whether a signature is SM2 over SM3."""
    algorithm, digest = signer["signature_algorithm"]["algorithm"], signer["digest_algorithm"]["algorithm"]
    return bool(algorithm.dotted in _SM2 or digest.dotted == SM3)


def sm2_verdict(signer: cms.SignerInfo, certificate: x509.Certificate, signed: bytes) -> str:
    """The verdict: broken where digest or signature are wrong, else cannot_verify, since nobody here follows such chains."""
    if signer["digest_algorithm"]["algorithm"].dotted != SM3:
        return "cannot_verify"
    attributes = signer["signed_attrs"]
    message = signed
    if attributes.native is not None:
        told = [a["values"][0].native for a in attributes if a["type"].native == "message_digest"]
        if told != [sm3_hash(signed)]:
            return "broken"
        message = attributes.untag().dump()
    key = bytes(certificate.public_key["public_key"])
    if len(key) != 1 + 2 * _INTEGER_BYTES or key[0] != 4:
        return "cannot_verify"
    return "cannot_verify" if _signed(key[1:], message, signer["signature"].native) else "broken"


def _signed(key: bytes, message: bytes, signature: bytes) -> bool:
    der = signature if signature[:1] == b"\x30" else _from_raw(signature)
    for who in _SIGNERS:
        try:
            if sm2_verify(key, message, der, who):
                return True
        except GmsslInnerError:
            continue
    return False


def _from_raw(signature: bytes) -> bytes:
    """Two numbers of 32 bytes, as some programs write them, as DER."""
    numbers = (signature[:_INTEGER_BYTES], signature[_INTEGER_BYTES:])
    content = b"".join(core.Integer(int.from_bytes(number, "big")).dump() for number in numbers)
    return bytes((0x30, len(content))) + content if len(content) < 0x80 else b""
