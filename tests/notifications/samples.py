"""Writes the samples of notices anew from the stories: python -m tests.notifications.samples."""

from __future__ import annotations

from fundcall.announcing import PLAN, shown_news
from notifications.daily import TEMPLATE
from notifications.rules import Planned, planned_of_call
from notifications.samples import FILE, line
from notifications.view import shown, shown_call
from states.calendar import stamp
from states.programme import PROGRAMME_EVENTS
from tests.drive import A1, DAY, world
from tests.notifications.stories import CALLS, PUBLIC_URL, Told, told
from workflow.record import decode, encode


def shape(one: Told) -> str:
    """What decides how a notice reads: which values its event holds, and the short ones themselves."""
    held = {k: v if isinstance(v, bool | str) and len(str(v)) < 12 else bool(v) for k, v in one.event.data.items()}
    return str(sorted(held.items()))


def written() -> bytes:
    """What the file should hold."""
    found: dict[tuple[str, ...], bytes] = {}
    for call in CALLS:
        for one in told(call):
            about = shown(one.application)
            about["deadlines"] = {name: stamp(at) for name, at in about["deadlines"].items()}
            key = (*one.planned, call, one.event.type, shape(one))
            found.setdefault(key, line(call, one.planned, encode(one.event), about))
        found |= of_call(call) | beside(call)
    return b"".join(b"%b\n" % found[key] for key in sorted(found))


def of_call(call: str) -> dict[tuple[str, ...], bytes]:
    """Notices about a call as a whole, to whoever wants to know of it too."""
    w = world(call)
    found: dict[tuple[str, ...], bytes] = {}
    w.do_call("PublishCall", A1)
    w.submitted()
    w.at(w.call.closes_at + 40 * DAY)
    for stored in w.ledger.stored(application=call):
        event = decode(stored.body)
        if event.type == "CallPublished":
            found[(*PLAN, call, event.type, "")] = line(call, PLAN, encode(event), shown_news(w.call))
        for plan in planned_of_call(event) if event.type in PROGRAMME_EVENTS else ():
            found.setdefault((*plan, call, event.type, ""), line(call, plan, encode(event), shown_call(w.call)))
    return found


def beside(call: str) -> dict[tuple[str, ...], bytes]:
    """Notices that rest on no event alone: that one did not arrive, and the day's one mail to the office."""
    one = next(t for t in told(call) if t.planned.template == "approved")
    subject = one.render().subject
    lost = {"ref": "N25", "subject": subject, "status": "5.1.1", "diagnostic": "smtp; 550 5.1.1 no such user"}
    url = f"{PUBLIC_URL}/applications/{one.application.id}"
    day = {"count": 2, "more": 0, "lines": [{"subject": subject, "url": url}, {"subject": "…", "url": url}]}
    about = shown(one.application)
    about["deadlines"] = {name: stamp(at) for name, at in about["deadlines"].items()}
    made = (
        (Planned("undelivered", "N57", "officers", "statutory"), "NoticeUndelivered", lost, about),
        (Planned(TEMPLATE, "N06", "officers", "information"), "DayTold", day, shown_call(one.call)),
    )
    return {
        (*plan, call, kind, ""): line(call, plan, encode(one.event._replace(type=kind, data=data)), shows)
        for plan, kind, data, shows in made
    }


if __name__ == "__main__":
    FILE.write_bytes(written())
