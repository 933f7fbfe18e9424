"""Charts are well-formed SVG with a title and a description, coloured by classes alone, whatever the figures are."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from fundcall.web.charts import Bar, Pillar, Strip, Words, bars, pillars, strips

WORDS = Words("Title <b>", "What & why")
NAME = "{http://www.w3.org/2000/svg}"
CHARTS = {
    "bars": bars(WORDS, [Bar("a & b", (("light", 4), ("main", 1)), "4 <of> 5", 5), Bar("c", (("main", 0),), "0")]),
    "no bars": bars(WORDS, []),
    "pillars": pillars(WORDS, [Pillar(0, "none"), Pillar(7, "se<ven", "7:00"), Pillar(3, "three")], "7"),
    "no pillars": pillars(WORDS, [], "0"),
    "strips": strips(WORDS, [Strip("e-1", (60.0, 80.0), 70.0, "2")], (60.0, 80.0), 75.0, (60, 80)),
    "a flat scale": strips(WORDS, [Strip("e-1", (60.0,), 60.0, "1")], (60.0, 60.0), 60.0, (60,)),
}


def parsed(chart: Markup) -> ET.Element:
    return ET.fromstring(str(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_picture_with_its_name_and_nothing_inline(name: str) -> None:
    found = parsed(CHARTS[name])
    told = [found.find(f"{NAME}{part}") for part in ("title", "desc")]
    assert [one.text for one in told if one is not None] == ["Title <b>", "What & why"]
    assert (found.get("role"), found.get("aria-labelledby")) == (
        "img",
        " ".join(one.get("id", "") for one in told if one is not None),
    )
    assert re.findall(r"\b(?:style|fill|on\w+)=", str(CHARTS[name])) == []


def test_what_is_there_can_be_seen_and_what_is_not_takes_no_room() -> None:
    found = parsed(
        bars(WORDS, [Bar("a", (("main", 1_000_000),), ""), Bar("b", (("main", 1),), ""), Bar("c", (("main", 0),), "")])
    )
    assert [one.get("width") for one in found.iter(f"{NAME}rect") if one.get("class") == "main"] == [
        "418.0",
        "1.5",
        "0.0",
    ]


def test_points_and_means_stand_on_one_scale() -> None:
    found = parsed(CHARTS["strips"])
    places = [float(one.get("cx", "0")) for one in found.iter(f"{NAME}circle")]
    (mean,) = [one.get("d", "") for one in found.iter(f"{NAME}path") if one.get("class") == "mean"]
    assert mean.startswith(f"M{sum(places) / 2:.1f} ")
