"""Notices reach people by every way that is open."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from infra.app.notify import EmailNotifier, LogNotifier, Notice, notifiers, notify, tell_late
from infra.lake.settings import Settings
from tests.support.mail import MailServer, running_mail_server

NOTICE = Notice("source_shop.gate failed", "events.order_line: held back by the gate")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def settings(port: int) -> Settings:
    return Settings(smtp_host="127.0.0.1", smtp_port=port, notices_to="data@example.org")


def test_without_a_mail_server_notices_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notify(NOTICE, notifiers(Settings()))

    assert "source_shop.gate failed: events.order_line: held back" in caplog.text


def test_mail_says_what_the_notice_says(mail_server: MailServer) -> None:
    notify(NOTICE, [EmailNotifier(settings(mail_server.port))])

    (message,) = mail_server.messages
    assert "Subject: Guanxi: source_shop.gate failed" in message
    assert "To: data@example.org" in message
    assert "held back by the gate" in message


def test_a_closed_way_is_logged_and_does_not_close_the_others(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notify(NOTICE, [EmailNotifier(settings(1)), LogNotifier()])

    assert "EmailNotifier could not be reached" in caplog.text
    assert "held back by the gate" in caplog.text


def test_a_late_run_is_said(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(tell_late("marts", 60, context={}))

    assert "marts is late" in caplog.text
