"""Documents in a bucket of an S3-compatible service, with the optional library `obstore`: its only importer.

The bucket is where they are kept; the folder on each machine then holds copies, made as they are asked for. With a key
each object is sealed by AES-256-GCM (NIST SP 800-38D) under a nonce of its own, its digest authenticated with it, so that
whoever keeps the bucket can neither read nor exchange a document.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflow.ports import Unavailable

_SEALED, _NONCE_BYTES = b"fundcall-sealed-1\n", 12
_PATIENCE = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}


class BucketFault(Unavailable):
    """The bucket cannot be used: not reached, not ours, or its library is not installed. Nothing was stored."""


class Kept(NamedTuple):
    """A document in the bucket: its digest, and when it came."""

    digest: str
    came_at: datetime


class Bucket:
    """The documents of one installation."""

    def __init__(self, url: str, key: bytes = b"") -> None:
        """`url`: s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]; who asks is said by AWS_ACCESS_KEY_ID and its kin.
        `key`: 32 bytes, or none. Raises BucketFault where the library is missing or an address says nothing.
        """
        self._library = _library()
        self._aead = AESGCM(key) if key else None
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        http = asked.get("endpoint", "").startswith("http://")
        options: dict[str, Any] = {"timeout": "20s", "connect_timeout": "5s", **({"allow_http": True} if http else {})}
        try:
            self._store: Any = self._library.store.S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                config=asked,
                client_options=options,
                retry_config=_PATIENCE,
            )
        except Exception as wrong:
            raise _fault(wrong) from wrong

    def put(self, digest: str, content: bytes) -> None:
        """Store a document; it is durable when this returns, twice is once. Raises BucketFault."""
        if self._aead is not None:
            nonce = os.urandom(_NONCE_BYTES)
            content = _SEALED + nonce + self._aead.encrypt(nonce, content, digest.encode())
        try:
            self._library.put(self._store, _place(digest), content)
        except Exception as wrong:
            raise _fault(wrong) from wrong

    def get(self, digest: str) -> bytes | None:
        """The bytes of a document, as they were stored; None where there is none. Raises OSError where it was altered,
        BucketFault.
        """
        try:
            content = bytes(self._library.get(self._store, _place(digest)).bytes())
        except FileNotFoundError:
            return None
        except Exception as wrong:
            raise _fault(wrong) from wrong
        content = self._opened(digest, content)
        if hashlib.sha256(content).hexdigest() != digest:
            raise OSError(f"document {digest} is not what was stored")
        return content

    def _opened(self, digest: str, content: bytes) -> bytes:
        if not content.startswith(_SEALED):
            return content  # stored before there was a key; its digest is looked at all the same
        if self._aead is None:
            raise BucketFault(
                "文件已加密，请设置 FUNDCALL_DOCUMENTS_KEY / documents are sealed: FUNDCALL_DOCUMENTS_KEY is missing"
            )
        body = content[len(_SEALED) :]
        try:
            return self._aead.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], digest.encode())
        except InvalidTag as wrong:
            raise OSError(f"document {digest} is not what was stored, or was sealed with another key") from wrong

    def kept(self) -> Iterator[Kept]:
        """All documents in the bucket. Raises BucketFault."""
        try:
            for page in self._library.list(self._store):
                yield from (Kept(one["path"].rpartition("/")[2], one["last_modified"]) for one in page)
        except Exception as wrong:
            raise _fault(wrong) from wrong

    def remove(self, digest: str) -> None:
        """Remove a document that nothing names. Raises BucketFault."""
        try:
            self._library.delete(self._store, _place(digest))
        except Exception as wrong:
            raise _fault(wrong) from wrong


def open_bucket(url: str, key: Path | None) -> Bucket | None:
    """The bucket at an address, with the key in a file; None where there is no address. Raises BucketFault."""
    return Bucket(url, read_key(key)) if url else None


def read_key(path: Path | None) -> bytes:
    """The key in a file, 64 hexadecimal digits; none where no file is named. Raises BucketFault."""
    if path is None:
        return b""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as wrong:
        raise BucketFault(f"FUNDCALL_DOCUMENTS_KEY：无法读取 / cannot be read: {wrong}") from wrong
    if len(key) != 32:
        raise BucketFault(f"FUNDCALL_DOCUMENTS_KEY：应为64位十六进制数 / 64 hexadecimal digits are wanted: {path}")
    return key


def _place(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _library() -> Any:
    try:
        import obstore  # noqa: PLC0415 - optional
        import obstore.store  # noqa: PLC0415
    except ImportError as missing:
        raise BucketFault("请安装 fundcall[s3] / install fundcall[s3]: obstore is missing") from missing
    return obstore


def _fault(wrong: Exception) -> BucketFault:
    """What the service said, in one line."""
    said = str(wrong).partition("\n")[0]
    return BucketFault(f"文件存储服务不可用 / the document storage service cannot be used: {said}")
