"""Notices reach people by every way that is open."""

import asyncio
import logging
import socketserver
import threading
from collections.abc import Iterator

import pytest

from infra.app.notify import EmailNotifier, LogNotifier, Notice, notifiers, notify, tell_late
from infra.lake.settings import Settings

NOTICE = Notice("source_shop.gate failed", "events.order_line: held back by the gate")


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP to take messages."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.messages: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        while command := self.rfile.readline().decode().strip().upper():
            if command == "DATA":
                self.say("354 go on")
                lines: list[str] = []
                while (line := self.rfile.readline().decode().rstrip()) != ".":
                    lines.append(line)
                self.server.messages.append("\n".join(lines))
            self.say("250 ok")
            if command == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings(port: int) -> Settings:
    return Settings(smtp_host="127.0.0.1", smtp_port=port, notices_to="data@example.org")


def test_without_a_mail_server_notices_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notify(NOTICE, notifiers(Settings()))

    assert "source_shop.gate failed: events.order_line: held back" in caplog.text


def test_mail_says_what_the_notice_says(mail_server: MailServer) -> None:
    notify(NOTICE, [EmailNotifier(settings(mail_server.server_address[1]))])

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
