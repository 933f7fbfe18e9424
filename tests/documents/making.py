"""Certificates, seals and PDFs as the tests of documents need them, all made here."""

import datetime as dt
import io
import os
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = dt.datetime.now(dt.UTC)
UNIT = "上海子虚灵序智能科技有限公司"
PADES, ADOBE = fields.SigSeedSubFilter.PADES, fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED


class Party(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def party(
    names: dict[str, str],
    issuer: Party | None = None,
    *,
    ca: bool = False,
    key: Any = None,
    start: dt.datetime | None = None,
    days: int = 365,
    usage: str = "sealing",
    stamping: bool = False,
) -> Party:
    """A party with a subject of CN, O, OU; self-signed without issuer."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    start = start or NOW - dt.timedelta(days=10)
    kinds = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}
    subject = x509.Name([x509.NameAttribute(kinds[kind], name) for kind, name in names.items()])
    issued_by, signing = (issuer.certificate.subject, issuer.key) if issuer else (subject, key)
    sealing = usage == "sealing" and not ca
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued_by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=sealing, content_commitment=sealing, key_encipherment=usage == "encipherment",
                data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if stamping:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Party(made.sign(signing, hashes.SHA256()), key)


def asn1(who: Party) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(who.der)


def asn1_key(who: Party) -> asn1_keys.PrivateKeyInfo:
    encoded = who.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(encoded)


@cache
def root() -> Party:
    return party({"CN": "测试根证书 TEST ONLY"}, ca=True, days=3650)


@cache
def unit() -> Party:
    return party({"O": UNIT, "CN": "91310000FAKE00013Y"}, root())


@cache
def rsa_unit() -> Party:
    return party({"CN": UNIT}, root(), key=rsa_key())


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def authority_of_time() -> Party:
    return party({"CN": "测试时间戳"}, root(), key=rsa_key(), stamping=True)


def stamper(who: Party | None = None) -> DummyTimeStamper:
    who = who or authority_of_time()
    certificates = SimpleCertificateStore()
    return DummyTimeStamper(tsa_cert=asn1(who), tsa_key=asn1_key(who), certs_to_embed=certificates)


def seal(
    pdf: bytes,
    who: Party | None = None,
    *,
    chain: tuple[Party, ...] = (),
    field: str = "Seal1",
    certify: bool = False,
    visible: bool = False,
    subfilter: Any = PADES,
    stamps: DummyTimeStamper | None = None,
    digest: str = "sha256",
) -> bytes:
    """The PDF with one more seal."""
    who = who or unit()
    store = SimpleCertificateStore()
    store.register_multiple([asn1(link) for link in chain])
    signer = signers.SimpleSigner(signing_cert=asn1(who), signing_key=asn1_key(who), cert_registry=store)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    if visible:
        fields.append_signature_field(writer, fields.SigFieldSpec(field, on_page=0, box=(380, 60, 520, 200)))
    told = signers.PdfSignatureMetadata(
        field_name=field, reason="电子签章", name="x", certify=certify, subfilter=subfilter, md_algorithm=digest
    )
    out = io.BytesIO()
    signers.sign_pdf(writer, told, signer=signer, timestamper=stamps, output=out)
    return out.getvalue()


def saved(pdf: pikepdf.Pdf, **how: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **how)
    return out.getvalue()


def pdf(size: int = 0, change: Callable[[pikepdf.Pdf], object] = bool, **how: Any) -> bytes:
    """A page of PDF; with `size`, one with so many bytes exactly."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    change(made)
    if not size:
        return saved(made, **how)
    made.Root.Pad = made.make_stream(os.urandom(size - 2_000))
    short = saved(made, compress_streams=False)
    made.Root.Pad.write(os.urandom(size - 2_000 + size - len(short)))
    return saved(made, compress_streams=False)


def with_field(made: pikepdf.Pdf, kind: str = "/Tx", **entries: Any) -> None:
    """A form with one field."""
    field = made.make_indirect(
        Dictionary(
            FT=Name(kind), T="amount", Rect=Array([0, 0, 90, 20]), Type=Name.Annot, Subtype=Name.Widget, **entries
        )
    )
    made.pages[0].Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]))


def updated(pdf_bytes: bytes, change: Callable[[IncrementalPdfFileWriter], object]) -> bytes:
    """The PDF with an incremental update: the old bytes stay as they are."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf_bytes), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def set_value(name: str, value: Any) -> Callable[[IncrementalPdfFileWriter], object]:
    """Changes a form field's value."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for field in writer.root["/AcroForm"]["/Fields"]:
            found = field.get_object()
            if found["/T"] == name:
                found["/V"] = value
                writer.mark_update(field.reference)

    return change


def text(value: str) -> Any:
    return generic.pdf_string(value)
