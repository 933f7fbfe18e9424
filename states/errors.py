"""Refusals: why a command cannot be accepted, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason for refusing a command.

    `code` is stable and machine-readable; `clause` names the clause of the notice (or of the system's own rules) it
    rests on; `where` names the field, document or item concerned ("" for the whole command); the texts say what was
    wrong and what to do next, in Chinese and in English.
    """

    code: str
    clause: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    where: str = ""

    def plain(self) -> dict[str, str]:
        """The refusal as plain JSON, as it stands on the ledger and in answers."""
        return {
            "code": self.code,
            "clause": self.clause,
            "zh": self.zh,
            "en": self.en,
            "remedy_zh": self.remedy_zh,
            "remedy_en": self.remedy_en,
            "where": self.where,
        }


class Refused(Exception):
    """A command was refused; nothing changed. Carries every reason found, at least one."""

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise ValueError("Refused needs at least one refusal")
        super().__init__("; ".join(f"{r.code} ({r.clause}): {r.zh} / {r.en}" for r in refusals))
        self.refusals: tuple[Refusal, ...] = refusals

    @property
    def code(self) -> str:
        """The code of the first reason, by which refusals are counted."""
        return self.refusals[0].code
