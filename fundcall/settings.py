"""Settings from the environment (FUNDCALL_…), read once; a leaf that knows nothing of the rest."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_POSTGRES = ("postgresql://", "postgres://")


class Settings(BaseSettings):
    """Where things are and how the world is reached."""

    model_config = SettingsConfigDict(env_prefix="FUNDCALL_", frozen=True, extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    documents_url: str = Field(
        default="", description="the bucket that keeps the documents: s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]"
    )
    documents_key: Path | None = Field(
        default=None, description="the key (64 hexadecimal digits) that seals them there"
    )
    smtp_url: str = "smtp://127.0.0.1:25"
    mail_from: str = "noreply@fundcall.invalid"
    public_url: str = "http://127.0.0.1:8000"
    officers_mail: str = ""
    head_mail: str = ""
    auditors_mail: str = Field(
        default="", description="who gets the daily summary of the ledger; nobody where it is empty"
    )
    bounces: Path | None = None
    trust_dir: Path | None = None
    signing_key: Path | None = None
    witnesses: str = Field(
        default="", description="who keeps our checkpoints: file:FOLDER, mailto:ADDRESS, NAME+HASH+KEY https://ADDRESS"
    )
    sm3: bool = Field(default=False, description="give checkpoints a second digest by SM3")
    readings_days: int = Field(default=1095, ge=180, description="how long the log of who read what is kept, in days")
    trusted_proxies: str = Field(
        default="", description="addresses whose X-Forwarded-For is believed, separated by commas"
    )
    oidc_issuer: str = Field(default="", description="the OpenID Connect provider that people may sign in by")
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_amr: str = Field(
        default="", description="values of its claim amr that tell of a second factor, separated by commas"
    )
    oidc_acr: str = Field(default="", description="the same of its claim acr; asked for, too")
    certificate_subject: str = Field(
        default="", description="the header in which a trusted proxy names the subject of a verified certificate"
    )
    certificate_unit: str = Field(default="", description="the same for the code of the unit")
    certificate_unit_name: str = Field(default="", description="the same for the name of the unit")
    calls: str = Field(default="", description="call files beside those that ship, separated by commas")

    @model_validator(mode="after")
    def _networks(self) -> Self:
        for one in self.proxies:
            ip_network(one)
        return self

    @model_validator(mode="after")
    def _provider(self) -> Self:
        parts = urlsplit(self.oidc_issuer)
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        )
        if self.oidc_issuer and not (safe and parts.hostname and self.oidc_client_id and self.oidc_client_secret):
            raise ValueError(
                "FUNDCALL_OIDC_ISSUER: an address that begins with https://, with OIDC_CLIENT_ID and _SECRET"
            )
        return self

    @model_validator(mode="after")
    def _certificates(self) -> Self:
        if self.certificate_subject and not (self.certificate_unit and self.proxies):
            raise ValueError("FUNDCALL_CERTIFICATE_SUBJECT: needs CERTIFICATE_UNIT and TRUSTED_PROXIES")
        return self

    @model_validator(mode="after")
    def _bucket(self) -> Self:
        parts = urlsplit(self.documents_url)
        if self.documents_url and not (parts.scheme == "s3" and parts.netloc):
            raise ValueError("FUNDCALL_DOCUMENTS_URL: s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]")
        if self.documents_key is not None and not self.documents_url:
            raise ValueError("FUNDCALL_DOCUMENTS_KEY: needs FUNDCALL_DOCUMENTS_URL")
        return self

    @model_validator(mode="after")
    def _known_database(self) -> Self:
        if self.database_url and not self.database_url.startswith(("sqlite:///", *_POSTGRES)):
            raise ValueError("FUNDCALL_DATABASE_URL: sqlite:///path or postgresql://user@host/database")
        return self

    @property
    def proxies(self) -> tuple[str, ...]:
        """The addresses and networks of the proxies that are believed."""
        return _listed(self.trusted_proxies)

    @property
    def certificate_headers(self) -> tuple[str, str, str]:
        """The headers that tell of a certificate: its subject, the unit's code and name."""
        return self.certificate_subject, self.certificate_unit, self.certificate_unit_name

    @property
    def second_factors(self) -> tuple[frozenset[str], frozenset[str]]:
        """The values of amr and of acr by which the provider tells of a second factor."""
        return frozenset(_listed(self.oidc_amr)), frozenset(_listed(self.oidc_acr))

    @property
    def database(self) -> Path:
        """The SQLite file, where the database is one."""
        if self.database_url:
            return Path(self.database_url.removeprefix("sqlite:///"))
        return self.data_dir / "fundcall.db"

    @property
    def postgres(self) -> str:
        """The address of a PostgreSQL database, "" where the database is a SQLite file."""
        return self.database_url if self.database_url.startswith(_POSTGRES) else ""

    @property
    def where(self) -> Path | str:
        """The database: the path of a SQLite file, or an address of PostgreSQL."""
        return self.postgres or self.database

    @property
    def database_name(self) -> str:
        """The database as it may be shown: without what stands before the host, a password perhaps."""
        if not self.postgres:
            return str(self.database)
        parts = urlsplit(self.postgres)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def signing_key_file(self) -> Path:
        """The key (Ed25519, PEM) that signs checkpoints; made in the data folder where none is named."""
        return self.signing_key if self.signing_key is not None else self.data_dir / "signing.key"

    @property
    def origin(self) -> str:
        """The name of this ledger in its checkpoints."""
        return f"{urlsplit(self.public_url).netloc or 'localhost'}/ledger"

    @property
    def trust(self) -> Path:
        """The folder of certificates (PEM) that electronic seals must lead to; `trust` in the data folder by default."""
        return self.trust_dir if self.trust_dir is not None else self.data_dir / "trust"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def faults(wrong: ValidationError) -> str:
    """What is wrong with the settings, without their values: an address may hold a password."""
    return "; ".join(
        ": ".join((*(f"FUNDCALL_{name}".upper() for name in found["loc"]), found["msg"].removeprefix("Value error, ")))
        for found in wrong.errors(include_input=False, include_url=False)
    )
