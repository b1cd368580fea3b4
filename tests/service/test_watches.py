"""Watches: each new story once to each channel, whatever is down, killed or asked for again."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar

import pytest
from pytest_httpserver import HTTPServer
from tests.store.conftest import DAY_ONE, Page
from tests.store.conftest import Desk as Newsroom
from tests.store.conftest import make_desk as make_desk

from copydesk.desk import Desk
from copydesk.errors import SettingsError
from copydesk.service.watches import Delivery, channels_of, run_watches
from copydesk.settings import NotifySettings, Settings, WarehouseSettings, Watch, load_settings
from copydesk.store.curate import forget

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
FERRY = Page(uri="ferry.txt", title="Ferry to Ærø sails again", paragraphs=("The ferry crossed the strait today.",))
SNOW = Page(uri="snow.txt", title="Snow", paragraphs=("It snowed. No ship sailed.",))
LATE = Page(uri="late.txt", title="Timetable changed", paragraphs=("A second FERRY is to follow in spring.",))


class _Smtp(socketserver.StreamRequestHandler):
    """Answers like a mail server, and keeps what it takes."""

    def handle(self) -> None:
        """Speak SMTP until the client quits."""
        self.wfile.write(b"220 here\r\n")
        lines: list[bytes] | None = None
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            if lines is not None and line != b".":
                lines.append(line)
                continue
            if lines is not None:
                self.server.mails.append(b"\r\n".join(lines))
                lines = None
            if line.upper() == b"DATA":
                lines = []
            self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(line.upper(), b"250 ok\r\n"))


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server on loopback; `mails` are the messages it has taken, as bytes."""

    allow_reuse_address: ClassVar[bool] = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Smtp)
        self.mails: list[bytes] = []
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def read(self) -> list[EmailMessage]:
        """Return the mails as a mail program reads them."""
        return [email.message_from_bytes(m, policy=email.policy.default) for m in self.mails]

    def stop(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Give a mail server on loopback."""
    server = Mailbox()
    yield server
    server.stop()


@pytest.fixture
def news(make_desk: Callable[[str], Newsroom]) -> Newsroom:
    """Give a newsroom that has printed about the ferry before anybody watched."""
    desk = make_desk("news")
    desk.load(Page(uri="old.txt", title="Ferry stops", paragraphs=("The ferry stopped for the winter.",)))
    return desk


def watching(news: Newsroom, *watches: Watch, **notify: object) -> Desk:
    """Return the desk of a newsroom with these watches and channels."""
    return Desk(
        root=news.root,
        settings=Settings(
            warehouse=WarehouseSettings(path=str(news.warehouse.path.relative_to(news.root))),
            notify=NotifySettings(**notify),
            watch=watches or (Watch(name="ferries", words=("ferry",)),),
        ),
    )


def run(news: Newsroom, desk: Desk, *pages: Page, now: datetime = NOW) -> list[Delivery]:
    """Load pages as a run and let the watches look at it."""
    news.load(*pages)
    return run_watches(desk, news.runs[-1], DAY_ONE + timedelta(days=30), now=now)


def test_each_new_story_is_sent_once_to_each_channel(news: Newsroom, httpserver: HTTPServer, mailbox: Mailbox) -> None:
    """A story of the run goes to webhook and mail; an older one and one that does not match go nowhere, ever."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    desk = watching(
        news, webhook=httpserver.url_for("/hook"), smtp=f"127.0.0.1:{mailbox.port}", mail_to=("a@example.org",)
    )
    first = run(news, desk, FERRY, SNOW)
    again = run(news, desk, FERRY, SNOW)
    assert [(d.stories, d.error) for d in first] == [(1, ""), (1, "")]
    assert again == []
    run(news, desk, LATE)
    sent = [json.loads(request.data) for request, _ in httpserver.log]
    assert [[line.split(": ", 1)[1].split("  ")[0] for line in s["lines"]] for s in sent] == [
        ["Ferry to Ærø sails again"],
        ["Timetable changed"],
    ]
    assert {s["source"] for s in sent} == {"ferries"}
    assert len(mailbox.mails) == 2


def test_a_mail_reads_well_in_a_mail_program(news: Newsroom, mailbox: Mailbox) -> None:
    """Subject, date and id are those of a mail; the text has one line a story, letters of any script as they are."""
    desk = watching(news, smtp=f"127.0.0.1:{mailbox.port}", mail_from="desk@example.org", mail_to=("a@example.org",))
    run(news, desk, FERRY, LATE)
    (mail,) = mailbox.read()
    assert mail["Subject"] == "copydesk watch ferries: 2 new stories"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"].endswith("@copydesk>")
    assert mail.get_content_type() == "text/plain"
    lines = [line for line in mail.get_content().splitlines() if "paper.example: " in line]
    assert len(lines) == 2
    assert any("Ferry to Ærø sails again" in line and line.endswith("ferry.txt") for line in lines)


def test_a_channel_that_is_down_gets_its_stories_later_and_the_others_nothing_twice(
    news: Newsroom, httpserver: HTTPServer
) -> None:
    """The mail server is away for two runs; then it gets what both had brought, and the webhook only what is new."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    gone = Mailbox()
    port = gone.port
    gone.stop()
    channels = {
        "webhook": httpserver.url_for("/hook"),
        "smtp": f"127.0.0.1:{port}",
        "mail_to": ("a@example.org",),
    }
    desk = watching(news, **channels)
    first = run(news, desk, FERRY)
    assert [bool(d.error) for d in first] == [False, True]
    second = run(news, desk, LATE)
    assert [(d.stories, bool(d.error)) for d in second] == [(1, False), (2, True)]
    assert [w.waiting for w in desk.watches()] == [2]
    back = Mailbox(port)
    try:
        third = run(news, desk, SNOW)
    finally:
        back.stop()
    assert [(d.channel.split()[0], d.stories, d.error) for d in third] == [("mail", 2, "")]
    assert len(httpserver.log) == 2
    assert [w.waiting for w in desk.watches()] == [0]


def test_a_server_error_is_no_delivery(news: Newsroom, httpserver: HTTPServer) -> None:
    """A webhook that answers 500 has not taken the digest; the same digest comes again under the same id."""
    httpserver.expect_oneshot_request("/hook").respond_with_data("no", 500)
    httpserver.expect_request("/hook").respond_with_data("ok")
    desk = watching(news, webhook=httpserver.url_for("/hook"))
    assert run(news, desk, FERRY)[0].error
    assert [d.error for d in run(news, desk, SNOW)] == [""]
    assert run(news, desk, SNOW) == []
    keys = [json.loads(request.data)["key"] for request, _ in httpserver.log]
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_a_process_killed_before_it_sent_sends_next_time(
    news: Newsroom, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is in the warehouse before anything is sent, so an end in between loses nothing."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    desk = watching(news, webhook=httpserver.url_for("/hook"))
    with monkeypatch.context() as patch:
        patch.setattr("copydesk.service.watches.send_digest", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(news, desk, FERRY)
    assert [d.stories for d in run(news, desk, SNOW)] == [1]
    assert len(httpserver.log) == 1


def _killed(*_: object) -> str:
    raise KeyboardInterrupt


def test_a_daily_watch_collects(news: Newsroom, httpserver: HTTPServer) -> None:
    """What two runs of a day bring is one digest on the next day."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    watch = Watch(name="ferries", words=("ferry",), every="day")
    desk = watching(news, watch, webhook=httpserver.url_for("/hook"))
    third = Page(uri="third.txt", title="Third ferry", paragraphs=("One more ferry.",))
    assert len(run(news, desk, FERRY, now=NOW)) == 1
    assert run(news, desk, LATE, now=NOW + timedelta(hours=4)) == []
    assert run(news, desk, third, now=NOW + timedelta(hours=8)) == []
    (delivery,) = run(news, desk, SNOW, now=NOW + timedelta(days=1))
    assert delivery.stories == 2
    assert len(httpserver.log) == 2


def test_copies_of_a_story_are_one_line(news: Newsroom, httpserver: HTTPServer) -> None:
    """A text that another publisher prints later is the same story, and is not sent again."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    desk = watching(news, webhook=httpserver.url_for("/hook"))
    text = tuple(
        f"The ferry number {n} crossed the strait with many passengers and some cars on board." for n in range(9)
    )
    here = Page(uri="here.txt", title="All ferries sail", paragraphs=text)
    there = Page(uri="there.txt", title="All ferries sail", paragraphs=text, source="other", publisher="other.example")
    assert [d.stories for d in run(news, desk, here)] == [1]
    assert run(news, desk, there) == []
    assert [s.title for s in desk.watch_stories("ferries")].count("All ferries sail") == 1


def test_new_conditions_or_a_new_channel_send_nothing_old(news: Newsroom, httpserver: HTTPServer) -> None:
    """Who changes the words, or adds a webhook, is told of what comes from then on."""
    httpserver.expect_request("/a").respond_with_data("ok")
    httpserver.expect_request("/b").respond_with_data("ok")
    one = watching(news, webhook=httpserver.url_for("/a"))
    run(news, one, FERRY)
    wider = Watch(name="ferries", words=("ferry", "snowed"))
    two = watching(news, wider, webhook=httpserver.url_for("/b"))
    assert run(news, two, FERRY) == []
    assert [d.stories for d in run(news, two, SNOW, LATE)] == [2]


def test_conditions_are_all_met(news: Newsroom) -> None:
    """Words, person, topic and publisher are joined by and; the words among themselves by or."""
    berg = Page(
        uri="berg.txt",
        title="Minister Anna Berg boards the ferry",
        paragraphs=("Minister Anna Berg boarded the ferry.",),
        sections=("Politics",),
    )
    news.load(berg, FERRY)
    conditions = [
        {"words": ("ferry", "tram"), "person": "berg", "topic": "politics", "publisher": "paper.example"},
        {"words": ("tram",), "person": "Berg"},
        {"person": "Anna Berg", "topic": "sport"},
        {"topic": "politics", "publisher": "other.example"},
        {"words": ("ferr",)},
        {"words": ("FÉRRY",), "topic": "politics"},
    ]
    desk = watching(news, *(Watch(name=f"w{n}", **c) for n, c in enumerate(conditions)))
    assert [len(desk.watch_stories(f"w{n}")) for n in range(6)] == [1, 0, 0, 0, 0, 1]


def test_a_feed_has_the_stories(news: Newsroom) -> None:
    """The feed of a watch is made of the stories it matches, sent or not."""
    news.load(FERRY, SNOW)
    feed = watching(news).watch_feed("ferries")
    assert {item.title for item in feed.items} == {"Ferry stops", "Ferry to Ærø sails again"}


def test_a_trial_is_not_recorded(news: Newsroom, httpserver: HTTPServer) -> None:
    """`watch test --send` reaches the channel, and the story is sent all the same when a run brings it."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    desk = watching(news, webhook=httpserver.url_for("/hook"))
    assert list(desk.try_watch("ferries").values()) == [""]
    assert [d.stories for d in run(news, desk, FERRY)] == [1]


def test_forgotten_stories_are_forgotten(news: Newsroom) -> None:
    """What a person had deleted waits for no channel."""
    desk = watching(news)
    run(news, desk, FERRY)
    forget.forget(news.warehouse, news.root, "ferry.txt", archive=news.root / "archive")
    assert news.rows("select count(*) from ops.watch_stories where not old") == [(0,)]


def test_channels_hide_their_secrets(news: Newsroom) -> None:
    """A channel's name in log and table holds no address and no password."""
    desk = watching(news, urls=("json://user:secret@127.0.0.1:9/path",), webhook="http://127.0.0.1:9/token")
    assert [name.split()[0] for name in channels_of(desk)] == ["json", "webhook"]
    assert not any("secret" in name or "token" in name for name in channels_of(desk))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[watch]]\nname = "a"\n', "give at least one of words, person, topic, publisher"),
        ('[[watch]]\nname = "a"\ntopic = "sports"\n', "topic"),
        ('[[watch]]\nname = "a"\nwords = ["x"]\nevery = "week"\n', "every"),
        ('[notify]\nsmtp = "smtp://mail.example.org:25"\n', "give host:port"),
        ('[[watch]]\nname = "a"\nwords = ["x"]\n[[watch]]\nname = "a"\nwords = ["y"]\n', "two watches are called 'a'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    """A watch that cannot be understood is an error that names file and key."""
    path = tmp_path / "copydesk.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said) as error:
        load_settings(path)
    assert str(path) in str(error.value)
