"""Who stands behind the audiences of notices: mailboxes of the office, addresses of experts."""

from __future__ import annotations

from notifications.render import Recipient


class FixedDirectory:
    """Officers and heads by mailbox; experts by an address made from their account where a domain is given."""

    def __init__(self, officers: str = "", head: str = "", expert_domain: str = "") -> None:
        self.given = {"officers": officers, "head": head, "expert_domain": expert_domain}
        self._boxes = {"officers": officers, "head": head}
        self._expert_domain = expert_domain

    def people(self, audience: str, call_id: str) -> tuple[Recipient, ...]:
        if audience.startswith("expert:") and self._expert_domain:
            name = audience.removeprefix("expert:")
            return (Recipient(audience, name, f"{name}@{self._expert_domain}"),)
        box = self._boxes.get(audience, "")
        return (Recipient(audience, "", box),) if box else ()
