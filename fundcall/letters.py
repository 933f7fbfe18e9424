"""Letters about accounts: a link to choose a password, in Chinese and English. The link is made when the letter is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from fundcall.accounts import proofs
from fundcall.accounts.entrance import Entrance
from fundcall.accounts.people import VALID_FOR, Letter, Purpose
from notifications.mailer import Mailer, Outcome
from notifications.message import Content, Envelope, written
from workflow.notices import LEASE

_GIVE_UP_AFTER = 20
_BACKOFF = timedelta(minutes=1)


class Words(NamedTuple):
    """Subject and text in both languages."""

    subject: str
    zh: str
    en: str


WORDS: Mapping[Purpose, Words] = {
    Purpose.CONFIRM: Words(
        "请确认您的账号 · Confirm your account",
        "有人（应当是您）用此邮箱申请账号。请打开下面的链接，设置密码即完成确认。若不是您本人，不必理会。",
        "Somebody, you we hope, asked for an account with this address. Open the link and choose a password to confirm "
        "it. If it was not you, do nothing.",
    ),
    Purpose.INVITE: Words(
        "邀请您使用项目申报管理系统 · You are invited",
        "主管部门为您开设了账号。请打开下面的链接，设置密码后即可使用。",
        "The authority has opened an account for you. Open the link and choose a password to use it.",
    ),
    Purpose.RESET: Words(
        "重设密码 · Choose another password",
        "有人（应当是您）要求重设此账号的密码。设置新密码后，此账号的所有登录和接口密钥都会失效。若不是您本人，不必理会，密码不变。",
        "Somebody, you we hope, asked to choose another password. Choosing one ends every session and every API key "
        "of the account. If it was not you, do nothing; the password stays.",
    ),
    Purpose.KNOWN: Words(
        "您已有账号 · You have an account already",
        "有人（应当是您）用此邮箱注册，但账号早已存在，请直接登录；若忘记密码，可用下面的链接重设，此账号的所有登录和接口密钥随即失效。若不是您本人，不必理会。",
        "Somebody, you we hope, registered with this address, which has an account already: sign in. If you forgot the "
        "password, the link lets you choose another, which ends every session and every API key of the account. If it "
        "was not you, do nothing.",
    ),
}


def letter_bytes(letter: Letter, secret: str, sender: str, public_url: str, now: datetime) -> bytes:
    """The whole message."""
    words = WORDS[letter.purpose]
    link = f"{public_url.rstrip('/')}/password?link={secret}"
    hours = VALID_FOR[letter.purpose] / timedelta(hours=1)
    valid_zh, valid_en = (f"{hours:g}小时", f"{hours:g} hours") if hours >= 1 else ("30分钟", "30 minutes")
    lines = [
        words.zh,
        f"链接（{valid_zh}内有效，只能用一次）：{link}",
        words.en,
        f"The link above is good for {valid_en}, once.",
    ]
    paragraphs = "".join(
        f"<p>{escape(line).replace(link, f'<a href={chr(34)}{link}{chr(34)}>{link}</a>')}</p>" for line in lines
    )
    html = f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(words.subject)}</title></head><body>{paragraphs}</body></html>'
    name = proofs.digest(secret)[:32]
    envelope = Envelope(sender, "", letter.account.email, letter.account.name, now,
                        f"<account.{name}@{sender.rpartition('@')[2]}>", words.subject)  # fmt: skip
    return written(envelope, (), Content("\n\n".join(lines) + "\n", html))


async def send_letters(entrance: Entrance, mailer: Mailer, sender: str, public_url: str, now: datetime) -> int:
    """Write and send the letters that wait; how many were handed over. One that cannot be is tried again, more seldom
    each time, twenty times in all; whoever waits for it can ask again.
    """
    sent, began = 0, time.monotonic()
    while letter := entrance.store.take_letter(now, now + timedelta(seconds=time.monotonic() - began) + LEASE):
        secret = entrance.link(letter.account, letter.purpose, now)
        body = letter_bytes(letter, secret, sender, public_url, now)
        (answer,) = await mailer.send([(letter.account.email, sender, body)])
        accepted = answer.outcome is Outcome.ACCEPTED
        over = accepted or answer.outcome is Outcome.FAILED or letter.attempts + 1 >= _GIVE_UP_AFTER
        entrance.store.settle_letter(letter, None if over else now + _BACKOFF * (letter.attempts + 1))
        sent += accepted
    return sent
