"""A seal by SM2 over SM3 (GB/T 35275), put together by hand: the usual libraries make none."""

import datetime as dt
import io
import re

from asn1crypto import cms, pem, x509
from gmssl_pyx import sm2_sign, sm3_hash
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

SUBJECT = "国密测试单位"
KEY = bytes.fromhex("cd30fdd27c375ee729230e7c4a9a889a6740ad7eaca4ab753bd44e0af3125522")
PEM = b"""-----BEGIN CERTIFICATE-----
MIIB5TCCAYugAwIBAgIUDLzxiQnTlyZoxP+HtrI3EXJXH3IwCgYIKoEcz1UBg3Uw
RzELMAkGA1UEBhMCQ04xGzAZBgNVBAoMEuWbveWvhua1i+ivleWNleS9jTEbMBkG
A1UEAwwS5Zu95a+G5rWL6K+V5Y2V5L2NMCAXDTI2MTEyMzIwNTIzNVoYDzIxMjYx
MDMwMjA1MjM1WjBHMQswCQYDVQQGEwJDTjEbMBkGA1UECgwS5Zu95a+G5rWL6K+V
5Y2V5L2NMRswGQYDVQQDDBLlm73lr4bmtYvor5XljZXkvY0wWTATBgcqhkjOPQIB
BggqgRzPVQGCLQNCAATOz7zYCw5bLeGUqtUpA+HlRf8O12NpmA65KF0rO0E6e6bR
Slqhprl6DaEsb+byFF0iXQ9/p2vC5zfaQQFsxLlMo1MwUTAdBgNVHQ4EFgQUCOWC
y9QPuQX0iMBCFfy5RIHLzXAwHwYDVR0jBBgwFoAUCOWCy9QPuQX0iMBCFfy5RIHL
zXAwDwYDVR0TAQH/BAUwAwEB/zAKBggqgRzPVQGDdQNIADBFAiAocppfuqtY1yOm
n5pQkTPBr/0+Fx/iYfM7lmp/g8X5RQIhAI7aWX+cy/FMsVqDuT24BsQExNBcZaYU
n/nrvyg7ZDjH
-----END CERTIFICATE-----
"""
"""A certificate and its key, made with OpenSSL 3.0 for these tests."""
MESSAGE = b"what is signed"
BY_OPENSSL = bytes.fromhex(
    "3045022100e6b617e8d2cda9fbcba6a682114d09d6711d7d079e00027b446c4aad688dfcbe"
    "02201270ae83f4bd315dae3f74260c379a200e22f452d6cbdfb9cf0bc1e022a49ab7"
)
"""The signature that OpenSSL made of the message with that key."""
_SM3, _SM2_WITH_SM3 = "1.2.156.10197.1.401", "1.2.156.10197.1.501"


def certificate() -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(PEM)[2])


def public_key() -> bytes:
    return bytes(certificate().public_key["public_key"])[1:]


def envelope(digest: bytes, signer_id: bytes | None = b"1234567812345678", *, wrong: bool = False) -> bytes:
    """The CMS envelope over a digest of the PDF; `wrong` makes a signature of something else."""
    own = certificate()
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": dt.datetime.now(dt.UTC)})]}),
        ]
    )
    message = b"something else" if wrong else attributes.dump()
    who = cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": who}),
            "digest_algorithm": {"algorithm": _SM3},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": _SM2_WITH_SM3},
            "signature": sm2_sign(KEY, public_key(), message, signer_id),
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": _SM3}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [own],
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def seal(pdf: bytes, signer_id: bytes | None = b"1234567812345678", *, wrong: bool = False) -> bytes:
    """The PDF with an SM2 seal."""
    out = io.BytesIO()
    steps = cms_embedder.PdfCMSEmbedder().write_cms(
        field_name="Seal1", writer=IncrementalPdfFileWriter(io.BytesIO(pdf))
    )
    next(steps)
    placeholder = PdfSignedData(
        obj_type=generic.pdf_name("/Sig"), subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        timestamp=dt.datetime.now(dt.UTC), bytes_reserved=8192,
    )  # fmt: skip
    steps.send(cms_embedder.SigObjSetup(sig_placeholder=placeholder, mdp_setup=None, appearance_setup=None))
    steps.send(cms_embedder.SigIOSetup(md_algorithm="sha256", in_place=False, output=out))
    made = out.getvalue()
    found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", made)[-1]
    start, before, after, length = map(int, found)
    steps.send(envelope(sm3_hash(made[start:before] + made[after : after + length]), signer_id, wrong=wrong))
    return out.getvalue()
