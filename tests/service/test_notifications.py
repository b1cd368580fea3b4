from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from copydesk.service.notifications import last_notified, notify
from copydesk.service.notifiers import Message, send
from copydesk.settings import DeskFolder, NotifySettings, Settings


def desk(root: Path, **notify: object) -> DeskFolder:
    """Return a desk in a folder that tells as given."""
    return DeskFolder(root=root, settings=Settings(notify=NotifySettings(**notify)))


def test_once_per_trouble_and_again_when_that_trouble_is_over(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Ten failures are one message; it recovers when the failure is over, and not because something else is well."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    where = desk(tmp_path, webhook=httpserver.url_for("/hook?key=1"))
    for _ in range(10):
        notify(where, "wire", {"failing": "http_404", "failed": None, "held": None}, run="r1")
    notify(where, "wire", {"failed": None})
    notify(where, "wire", {"failing": "http_500", "held": "r2"})
    notify(where, "wire", {"failing": None}, run="r3")
    sent = [json.loads(request.data) for request, _ in httpserver.log]
    assert [(m["was"], m["state"]) for m in sent] == [("", "failing"), ("", "held"), ("failing", "ok")]
    assert sent[0]["text"] == "copydesk: wire failing: http_404"
    assert sent[2]["text"] == "copydesk: wire recovered from failing: http_404"
    assert [m["run"] for m in sent] == ["r1", "", "r3"]
    assert set(sent[0]) == {"text", "desk", "source", "state", "was", "detail", "run", "at"} | {
        "owner",
        "dimension",
        "tags",
    }
    assert httpserver.log[0][0].query_string == b"key=1"


_TROUBLES = st.dictionaries(st.sampled_from(["failed", "failing", "held"]), st.sampled_from([None, "cause"]))


@settings(deadline=None, max_examples=40)
@given(st.lists(_TROUBLES, max_size=10))
def test_messages_are_the_changes_of_each_trouble(
    tmp_path_factory: pytest.TempPathFactory, runs: list[dict[str, str | None]]
) -> None:
    """Each trouble's messages alternate between begun and over, and the last one says how it stands."""
    where = desk(tmp_path_factory.mktemp("desk"))
    messages = [m for run in runs for m in notify(where, "wire", run)]
    for trouble in ("failed", "failing", "held"):
        said = [m.state == trouble for m in messages if trouble in (m.state, m.was)]
        assert said == [n % 2 == 0 for n in range(len(said))]
        known = [run[trouble] for run in runs if trouble in run]
        stands = bool(known) and known[-1] is not None
        assert (trouble in last_notified(where).get("wire", {})) == stands


def test_sources_are_separate_and_a_restart_repeats_nothing(tmp_path: Path) -> None:
    """What was notified is kept in the desk, per source."""
    notify(desk(tmp_path), "a", {"failed": ""})
    assert notify(desk(tmp_path), "b", {"failed": ""})
    assert not notify(desk(tmp_path), "a", {"failed": ""})
    assert {name: list(known) for name, known in last_notified(desk(tmp_path)).items()} == {
        "a": ["failed"],
        "b": ["failed"],
    }


def test_the_record_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """A trouble that 0.1 notified is not notified again after the update, and recovers."""
    (tmp_path / "warehouse").mkdir()
    book = {"wire": {"state": "failed", "since": "2026-11-01"}, "fine": {"state": "ok", "since": "2026-11-01"}}
    (tmp_path / "warehouse" / "told.json").write_text(json.dumps(book))
    assert not notify(desk(tmp_path), "wire", {"failed": "again"})
    assert [m.state for m in notify(desk(tmp_path), "wire", {"failed": None})] == ["ok"]
    assert last_notified(desk(tmp_path)) == {}


def test_an_apprise_url_is_a_channel(tmp_path: Path, httpserver: HTTPServer) -> None:
    """`[notify] urls` takes what Apprise takes: the headline is the title, the fields are the text."""
    httpserver.expect_request("/n").respond_with_data("ok")
    notify(desk(tmp_path, urls=(f"json://127.0.0.1:{httpserver.port}/n",)), "wire", {"failing": "no_feed"})
    body = json.loads(httpserver.log[0][0].data)
    assert body["title"] == "copydesk: wire failing"
    assert "detail: no_feed" in body["message"]


def test_a_command_gets_the_message_on_standard_input(tmp_path: Path) -> None:
    """A program of the user's own is called in the desk's folder with the whole message."""
    code = "import sys, pathlib; pathlib.Path('told.txt').write_bytes(sys.stdin.buffer.read())"
    notify(desk(tmp_path, command=(sys.executable, "-c", code)), "wire", {"held": "naïve ⏸"})
    assert json.loads((tmp_path / "told.txt").read_text(encoding="utf-8"))["detail"] == "naïve ⏸"


@pytest.mark.parametrize(
    "channel",
    [
        {"webhook": "http://127.0.0.1:9/closed"},
        {"webhook": "not an address"},
        {"urls": ("json://127.0.0.1:9/closed",)},
        {"urls": ("nosuch://service",)},
        {"command": ("/no/such/program",)},
        {"command": ("false",)},
        {"smtp": "127.0.0.1:9", "mail_to": ("a@example.org",)},
    ],
)
def test_a_channel_that_fails_does_not_stop_the_run(tmp_path: Path, channel: dict[str, object]) -> None:
    """A channel that fails is reported, not raised; the change counts as notified, so nothing storms later."""
    assert notify(desk(tmp_path, **channel), "wire", {"failed": ""})
    assert not notify(desk(tmp_path, **channel), "wire", {"failed": ""})
    message = Message(desk="d", source="wire", state="failed", was="", detail="", run="", at="")
    assert [bool(error) for _, error in send(message, desk(tmp_path, **channel))] == [True]


def test_no_redirect_is_followed(tmp_path: Path, httpserver: HTTPServer) -> None:
    """A webhook cannot send the message on to somebody else."""
    httpserver.expect_request("/hook").respond_with_data("", 307, headers={"location": httpserver.url_for("/other")})
    notify(desk(tmp_path, webhook=httpserver.url_for("/hook")), "wire", {"failed": ""})
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_a_damaged_book_is_begun_again(tmp_path: Path) -> None:
    """A book that cannot be read costs a repeated message at most."""
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "notified.json").write_text("{half")
    assert notify(desk(tmp_path), "wire", {"failed": ""})


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[str]]]:
    """Give the port of a small SMTP server and the mails it takes."""
    mails: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            in_data: list[str] | None = None
            for raw in stream:
                line = raw.decode().rstrip("\r\n")
                if in_data is not None:
                    if line != ".":
                        in_data.append(line)
                        continue
                    mails.append("\n".join(in_data))
                    in_data = None
                answer = (
                    b"354 go on\r\n"
                    if line.upper() == "DATA"
                    else b"221 bye\r\n"
                    if line.upper() == "QUIT"
                    else b"250 ok\r\n"
                )
                in_data = [] if line.upper() == "DATA" else in_data
                stream.write(answer)
                stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], mails
    thread.join(5)
    listener.close()


def test_a_mail_says_what_happened(tmp_path: Path, mailbox: tuple[int, list[str]]) -> None:
    """A mail has the headline as its subject and the cause in its text; a line end cannot add a header."""
    port, mails = mailbox
    where = desk(tmp_path, smtp=f"127.0.0.1:{port}", mail_from="desk@example.org", mail_to=("a@example.org",))
    notify(where, "wire\nBcc: evil@example.org", {"failed": "disk full"})
    assert "Subject: copydesk: wire Bcc: evil@example.org failed" in mails[0]
    headers = mails[0].partition("\n\n")[0]
    assert not any(line.startswith("Bcc:") for line in headers.splitlines())
    assert "detail: disk full" in mails[0]
