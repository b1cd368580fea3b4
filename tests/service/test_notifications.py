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
from copydesk.settings import DeskFolder, NotifySettings, Settings


def desk(root: Path, **notify: object) -> DeskFolder:
    """Return a desk in a folder that tells as given."""
    return DeskFolder(root=root, settings=Settings(notify=NotifySettings(**notify)))


def test_once_per_change_and_again_when_it_recovers(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Ten failures in a row are one message, the recovery is another, and a healthy source is none."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    where = desk(tmp_path, webhook=httpserver.url_for("/hook"))
    for state in ["ok", *["failed"] * 10, "ok", "findings", "held", "failed"]:
        notify(where, "wire", state, "the cause", run="r1")
    sent = [json.loads(request.data) for request, _ in httpserver.log]
    assert [(m["was"], m["state"]) for m in sent] == [
        ("", "failed"),
        ("failed", "ok"),
        ("ok", "held"),
        ("held", "failed"),
    ]
    assert sent[0]["text"] == "copydesk: wire failed: the cause"
    assert sent[1]["text"] == "copydesk: wire recovered: the cause"
    assert sent[0]["run"] == "r1"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["ok", "findings", "held", "failed", "silent", "quarantined"]), max_size=12))
def test_messages_are_the_changes(tmp_path_factory: pytest.TempPathFactory, states: list[str]) -> None:
    """Whatever happens, what is told is the sequence of states with repetitions left out, findings being ok."""
    where = desk(tmp_path_factory.mktemp("desk"))
    messages = [m.state for s in states if (m := notify(where, "wire", s, "")) is not None]
    meant, last = [], "ok"
    for state in ("ok" if s == "findings" else s for s in states):
        if state != last:
            meant.append(state)
        last = state
    assert messages == meant


def test_sources_are_told_apart_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """The state that was told is kept in the desk, per source."""
    notify(desk(tmp_path), "a", "failed", "")
    assert notify(desk(tmp_path), "b", "failed", "") is not None
    assert notify(desk(tmp_path), "a", "failed", "") is None
    assert {name: entry["state"] for name, entry in last_notified(desk(tmp_path)).items()} == {
        "a": "failed",
        "b": "failed",
    }


def test_a_command_gets_the_message_on_standard_input(tmp_path: Path) -> None:
    """A program of the user's own is called in the desk's folder with the whole message."""
    code = "import sys, pathlib; pathlib.Path('told.txt').write_bytes(sys.stdin.buffer.read())"
    notify(desk(tmp_path, command=(sys.executable, "-c", code)), "wire", "held", "naïve ⏸")
    assert json.loads((tmp_path / "told.txt").read_text(encoding="utf-8"))["detail"] == "naïve ⏸"


@pytest.mark.parametrize(
    "channel",
    [
        {"webhook": "http://127.0.0.1:9/closed"},
        {"webhook": "not an address"},
        {"command": ("/no/such/program",)},
        {"command": ("false",)},
        {"smtp": "127.0.0.1:9", "mail_to": ("a@example.org",)},
        {"smtp": "127.0.0.1:none", "mail_to": ("a@example.org",)},
    ],
)
def test_who_cannot_be_told_does_not_stop_the_run(tmp_path: Path, channel: dict[str, object]) -> None:
    """A way that fails is swallowed; the change counts as told, so nothing storms when it works again."""
    assert notify(desk(tmp_path, **channel), "wire", "failed", "") is not None
    assert notify(desk(tmp_path, **channel), "wire", "failed", "") is None


def test_no_redirect_is_followed(tmp_path: Path, httpserver: HTTPServer) -> None:
    """A webhook cannot send the message on to somebody else."""
    httpserver.expect_request("/hook").respond_with_data("", 307, headers={"location": httpserver.url_for("/other")})
    notify(desk(tmp_path, webhook=httpserver.url_for("/hook")), "wire", "failed", "")
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_a_damaged_book_is_begun_again(tmp_path: Path) -> None:
    """A book that cannot be read costs a repeated message at most."""
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "told.json").write_text("{half")
    assert notify(desk(tmp_path), "wire", "failed", "") is not None


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
    notify(where, "wire\nBcc: evil@example.org", "failed", "disk full")
    assert "Subject: copydesk: wire Bcc: evil@example.org failed" in mails[0]
    headers = mails[0].partition("\n\n")[0]
    assert not any(line.startswith("Bcc:") for line in headers.splitlines())
    assert "detail: disk full" in mails[0]
