"""What a list of those who want news of calls must do, whatever keeps it (`fundcall.accounts.news.News`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fundcall.accounts.news import CONFIRM_WITHIN, Asked, News, Subscriber

NOW = datetime(2025, 8, 1, 2, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
LI = "li@example.org"


class NewsContract:
    """Derive from it with a fixture `news` that gives an empty list."""

    def test_nobody_is_told_who_has_not_confirmed(self, news: News) -> None:
        news.ask(LI, "zh-CN", NOW)
        news.give_link(LI, "link", NOW)
        assert (news.subscribers(), news.may_confirm("link", SOON), news.may_confirm("other", SOON)) == (
            [],
            True,
            False,
        )

    def test_a_link_confirms_once(self, news: News) -> None:
        news.ask(LI, "en", NOW)
        news.give_link(LI, "link", NOW)
        assert [news.confirm("link", "secret", SOON), news.confirm("link", "another", SOON)] == [True, False]
        assert news.subscribers() == [Subscriber(LI, "en", "secret")]

    def test_a_link_holds_until_its_time_is_over(self, news: News) -> None:
        for name, late in (("wang@example.org", timedelta(microseconds=-1)), (LI, timedelta())):
            news.ask(name, "en", NOW)
            news.give_link(name, name, NOW)
            news.confirm(name, name, NOW + CONFIRM_WITHIN + late)
        assert [one.email for one in news.subscribers()] == ["wang@example.org"]

    def test_whoever_does_not_confirm_in_time_is_forgotten(self, news: News) -> None:
        news.ask(LI, "en", NOW)
        assert (news.asked(NOW + CONFIRM_WITHIN), news.asked(NOW)) == ([], [])

    def test_a_letter_is_written_once_and_again_where_it_failed(self, news: News) -> None:
        news.ask(LI, "en", NOW)
        news.ask(LI, "zh-CN", NOW)
        (first,) = news.asked(NOW)
        news.settle(first, SOON)
        assert (first, news.asked(NOW)) == (Asked(LI, "zh-CN", 0), [])
        (second,) = news.asked(SOON)
        news.settle(second, None)
        assert (second.attempts, news.asked(NOW + timedelta(hours=1))) == (1, [])

    def test_asking_again_changes_nothing_before_it_is_confirmed_and_the_way_out_stays(self, news: News) -> None:
        for language, secret in (("zh-CN", "first"), ("en", "second")):
            news.ask(LI, language, NOW)
            assert [one.language for one in news.subscribers()] == (["zh-CN"] if secret == "second" else [])
            news.give_link(LI, secret, NOW)
            news.confirm(secret, secret, SOON)
        assert news.subscribers() == [Subscriber(LI, "en", "first")]

    def test_whoever_leaves_is_gone_and_nobody_else(self, news: News) -> None:
        for name in (LI, "wang@example.org"):
            news.ask(name, "en", NOW)
            news.give_link(name, name, NOW)
            news.confirm(name, name, SOON)
        assert [news.leave(LI), news.leave(LI), news.leave("")] == [True, False, False]
        assert [one.email for one in news.subscribers()] == ["wang@example.org"]
