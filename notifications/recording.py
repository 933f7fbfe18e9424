"""A message as the notice that is recorded."""

from __future__ import annotations

import hashlib

from notifications.letter import Wording
from notifications.render import Recipient, Rendered
from notifications.rules import Planned
from states.events import Recorded
from workflow.notices import Notice


def recorded(
    plan: Planned,
    recipient: Recipient,
    event: Recorded,
    made: Rendered,
    wording: Wording,
    application: str,
    held_until: str = "",
) -> Notice:
    """The notice of a message, queued to be sent, or held until an instant; unaddressed where no address is known."""
    return Notice(
        position=event.position,
        recipient=recipient.id,
        template=plan.template,
        application=application,
        ref=plan.ref,
        kind=plan.kind,
        subject=made.subject,
        message_id=made.message_id,
        digest=hashlib.sha256(made.body).digest(),
        body=made.body,
        status="unaddressed" if not recipient.email else "held" if held_until else "queued",
        retry_at=held_until,
        wording=wording.digest,
    )
