"""Nothing that could not be stored, shown and read again gets past the gate from JSON to a command."""

import json

import pytest

from workflow.commands import BYTES_MAX, Malformed, read_command
from workflow.shapes import shape_of

HOSTILE = {
    "no JSON": (b"{", "不是有效的JSON"),
    "not an object": (b"[]", "应为JSON对象"),
    "not UTF-8": (b'{"reason":"\xff"}', "不是UTF-8编码"),
    "a key twice": (b'{"reason":"a","reason":"b"}', "字段重复"),
    "an unknown field": (b'{"reason":"a","state":"approved"}', "未知的字段；可用的字段：reason"),
    "a missing field": (b"{}", "缺少该字段：应为文字"),
    "a number for a text": (b'{"reason":1}', "应为文字"),
    "a fraction": (b'{"reason":1.5}', "不接受小数（金额以分计，1250000 即 12,500.00）：1.5"),
    "not a number": (b'{"reason":NaN}', "不接受小数（金额以分计，1250000 即 12,500.00）：NaN"),
    "a huge number": (b'{"reason":123456789012345678901}', "整数超出范围"),
    "a lone surrogate": (b'{"reason":"\\ud800"}', "含有无效字符"),
    "NUL": (b'{"reason":"\\u0000"}', "含有控制字符"),
    "an escape": (b'{"reason":"\\u001b[2J"}', "含有控制字符"),
    "a turned direction": (b'{"reason":"\\u202e"}', "含有改变书写方向的字符"),
    "too long a text": (b'{"reason":"' + b"a" * 20_001 + b'"}', "文字过长"),
    "too deep": (b"[" * 900 + b"]" * 900, "嵌套过深"),
    "too large": (b" " * (BYTES_MAX + 1), f"请求超过 {BYTES_MAX} 字节"),
}


@pytest.mark.parametrize(("body", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_request_is_told_what_is_wrong(body: bytes, why: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read_command("WithdrawApplication", body)
    assert wrong.value.faults[0].zh == why


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    with pytest.raises(Malformed) as wrong:
        read_command("DropTables", b"{}")
    assert wrong.value.faults[0].zh == "没有命令“DropTables”"


def test_a_good_request_becomes_the_command_it_says() -> None:
    assert read_command("WithdrawApplication", '{"reason":"调整"}'.encode()).reason == "调整"


@pytest.mark.parametrize(
    ("closes_at", "why"),
    [
        ("2025-09-24T16:00:00", "时间须带时区，例如 2025-09-22T18:00:00+08:00"),
        ("0001-01-01T00:00:00+14:00", "时间超出范围"),
        ("9999-12-31T23:59:59-14:00", "时间超出范围"),
        ("9999-12-31T23:59:59Z", "时间超出范围"),
    ],
)
def test_an_instant_that_nothing_can_be_counted_from_is_none(closes_at: str, why: str) -> None:
    fields = f'{{"closes_at":"{closes_at}","reason":"a","evidence":"b"}}'
    with pytest.raises(Malformed) as wrong:
        read_command("ProposeExtension", fields.encode())
    assert [(fault.where, fault.zh) for fault in wrong.value.faults] == [("closes_at", why)]


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_of_no_likely_year_is_none(day: str) -> None:
    fields = {**shape_of("ProposeCredit").example, "ended_on": day}
    with pytest.raises(Malformed) as wrong:
        read_command("ProposeCredit", json.dumps(fields).encode())
    assert [(fault.where, fault.zh) for fault in wrong.value.faults] == [("ended_on", "年份应为1900至2199")]
