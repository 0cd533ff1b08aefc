"""Notices to people: something is held, failed or late. Keys and reasons only, never a value of a record."""

import asyncio
import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from infra.lake.settings import Settings

log = logging.getLogger("guanxi.notices")
SMTP_SECONDS = 10


@dataclass(frozen=True)
class Notice:
    """One thing that somebody should know, and what to do about it."""

    subject: str
    text: str


class Notifier(Protocol):
    """A way to reach people."""

    def notify(self, notice: Notice) -> None:
        """Hand one notice on; raises whatever keeps it from doing so."""


class LogNotifier:
    """Writes notices to the log `guanxi.notices`."""

    def notify(self, notice: Notice) -> None:
        """Write one warning."""
        log.warning("%s: %s", notice.subject, notice.text)


class EmailNotifier:
    """Mails notices by SMTP."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def notify(self, notice: Notice) -> None:
        """Send one message; raises OSError or SMTPException if the server does not take it."""
        message = EmailMessage()
        message["Subject"] = f"Guanxi: {notice.subject}"
        message["From"] = self.settings.notices_from
        message["To"] = self.settings.notices_to
        message.set_content(notice.text)
        with smtplib.SMTP(self.settings.smtp_host or "", self.settings.smtp_port, timeout=SMTP_SECONDS) as server:
            server.send_message(message)


def notifiers(settings: Settings) -> list[Notifier]:
    """The ways that the settings name: always the log, mail where a server and an address are given."""
    ways: list[Notifier] = [LogNotifier()]
    if settings.smtp_host and settings.notices_to:
        ways.append(EmailNotifier(settings))
    return ways


def notify(notice: Notice, ways: Sequence[Notifier] | None = None) -> None:
    """Hand a notice to every way; one that is closed is logged and does not close the others."""
    for way in notifiers(Settings()) if ways is None else ways:
        try:
            way.notify(notice)
        except (OSError, smtplib.SMTPException) as error:
            log.error("%s could not be reached (%s): %s", type(way).__name__, error, notice.subject)


async def tell_late(dag: str, minutes: float, **_: object) -> None:
    """Say that a run of a DAG has not ended in time; Airflow's triggerer awaits this."""
    text = f"A run of {dag} has not ended {minutes:g} minutes after it was queued. See its page in Airflow."
    await asyncio.to_thread(notify, Notice(f"{dag} is late", text))
