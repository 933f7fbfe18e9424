"""A bucket as the home of documents: what is acknowledged is there, other machines find it, nothing altered is believed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from fundcall.backup.afar import fetch, send
from fundcall.documents.bucket import Bucket, BucketFault, read_key
from fundcall.documents.examiner import Examiner
from fundcall.documents.shelf import place_of
from fundcall.documents.store import DocumentStore
from fundcall.settings import Settings
from tests.documents.forged import sealed
from workflow.ports import Unavailable

SHA = hashlib.sha256(b"content").hexdigest()
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 service on loopback."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def url(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of the test's own, and leave to use it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = f"b{hashlib.sha256(bytes(tmp_path)).hexdigest()[:20]}"
    import httpx2

    assert httpx2.put(f"{endpoint}/{name}").status_code == 200
    return f"s3://{name}/papers?endpoint={endpoint}&region=us-east-1"


def raw(url: str) -> Any:
    """The bucket as its keeper sees it."""
    address, _, query = url.removeprefix("s3://").partition("?")
    name, _, prefix = address.partition("/")
    config: Any = dict(part.split("=", 1) for part in query.split("&"))
    return S3Store(name, prefix=prefix, config=config, client_options={"allow_http": True})


def test_a_document_is_in_the_bucket_when_it_is_acknowledged_and_found_by_another_machine(
    url: str, tmp_path: Path, examiner: Examiner
) -> None:
    here, there = (DocumentStore(tmp_path / name, examiner, Bucket(url)) for name in ("here", "there"))
    digest = here.put(sealed())
    assert bytes(obstore.get(raw(url), f"{digest[:2]}/{digest}").bytes()) == sealed()
    assert there.get(digest) == sealed()
    assert there.facts(digest, "m", "n.pdf") == here.facts(digest, "m", "n.pdf")
    assert place_of(tmp_path / "there", digest).read_bytes() == sealed()
    assert (there.get(SHA), there.report(SHA), there.preview(SHA)) == (None, None, b"")


def test_twice_is_once(url: str) -> None:
    bucket = Bucket(url)
    for _ in range(2):
        bucket.put(SHA, b"content")
    assert [one.digest for one in bucket.kept()] == [SHA]
    assert bucket.get(SHA) == b"content"


@pytest.mark.parametrize("key", [b"", KEY], ids=["open", "sealed"])
def test_an_altered_document_is_not_believed(url: str, key: bytes, tmp_path: Path, examiner: Examiner) -> None:
    bucket = Bucket(url, key)
    bucket.put(SHA, b"content")
    body = bytearray(bytes(obstore.get(raw(url), f"{SHA[:2]}/{SHA}").bytes()))
    body[-1] ^= 1
    obstore.put(raw(url), f"{SHA[:2]}/{SHA}", bytes(body))
    with pytest.raises(OSError, match="is not what was stored"):
        bucket.get(SHA)
    with pytest.raises(OSError, match="is not what was stored"):
        DocumentStore(tmp_path / "cache", examiner, bucket).get(SHA)


def test_a_sealed_document_tells_the_buckets_keeper_nothing_and_opens_with_its_key_alone(url: str) -> None:
    Bucket(url, KEY).put(SHA, b"content")
    kept = bytes(obstore.get(raw(url), f"{SHA[:2]}/{SHA}").bytes())
    assert b"content" not in kept
    assert Bucket(url, KEY).get(SHA) == b"content"
    with pytest.raises(OSError, match="sealed with another key"):
        Bucket(url, bytes(32)).get(SHA)
    with pytest.raises(BucketFault, match="FUNDCALL_DOCUMENTS_KEY is missing"):
        Bucket(url).get(SHA)


def test_a_sealed_document_cannot_be_put_in_anothers_place(url: str) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    Bucket(url, KEY).put(SHA, b"content")
    obstore.put(raw(url), f"{other[:2]}/{other}", bytes(obstore.get(raw(url), f"{SHA[:2]}/{SHA}").bytes()))
    with pytest.raises(OSError, match="is not what was stored"):
        Bucket(url, KEY).get(other)


def test_what_was_stored_before_there_was_a_key_is_still_found(url: str) -> None:
    Bucket(url).put(SHA, b"content")
    assert Bucket(url, KEY).get(SHA) == b"content"


def test_where_the_service_is_gone_nothing_is_acknowledged_and_nothing_stays(
    tmp_path: Path, examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    store = DocumentStore(tmp_path / "documents", examiner, Bucket("s3://gone?endpoint=http://127.0.0.1:9&region=x"))
    with pytest.raises(Unavailable, match="文件存储服务不可用 / the document storage service cannot be used"):
        store.put(b"content")
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []


def test_orphans_are_old_and_named_by_nobody_and_go_from_both_places(
    url: str, tmp_path: Path, examiner: Examiner
) -> None:
    store = DocumentStore(tmp_path / "documents", examiner, Bucket(url))
    named, orphan = store.put(b"named"), store.put(b"orphan")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert store.orphans({named}, datetime.now(UTC) - timedelta(minutes=1)) == []
    assert store.orphans({named}, soon) == [orphan]
    store.remove(orphan)
    assert ([one.digest for one in Bucket(url).kept()], store.get(orphan)) == ([named], None)
    os.utime(place_of(tmp_path / "documents", named), (0, 0))  # a copy of long ago; in the bucket it is new
    assert store.orphans((), datetime.now(UTC) - timedelta(minutes=1)) == []


def test_a_backup_gets_what_only_the_bucket_has_and_a_restored_document_goes_back(url: str, tmp_path: Path) -> None:
    bucket = Bucket(url)
    bucket.put(SHA, b"content")
    fetch(bucket, tmp_path / "here", {SHA, "0" * 64})
    assert place_of(tmp_path / "here", SHA).read_bytes() == b"content"
    bucket.remove(SHA)
    send(bucket, tmp_path / "here", {SHA, "0" * 64})
    assert [one.digest for one in bucket.kept()] == [SHA]


@pytest.mark.parametrize("text", ["", "00" * 31, "zz" * 32, "00" * 33])
def test_a_key_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(BucketFault, match="FUNDCALL_DOCUMENTS_KEY"):
        read_key(tmp_path / "key")


@pytest.mark.parametrize(
    "given", [{"documents_url": "/srv/documents"}, {"documents_url": "s3://"}, {"documents_key": "key"}]
)
def test_settings_that_say_no_bucket_are_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="FUNDCALL_DOCUMENTS_"):
        Settings(**given)
