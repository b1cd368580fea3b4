"""TLS is verified, always."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.records import Outcome
from copydesk.web.client import Client
from copydesk.web.limits import WebLimits
from copydesk.web.responses import FetchRequest, Response

openssl = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(openssl is None, reason="needs openssl to make a certificate")


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [str(openssl), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, cert


def _fetch(key: Path, cert: Path, ca_file: str | None) -> Response:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
        )
        writer.close()

    async def run() -> Response:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        limits = WebLimits(allow_hosts=(f"127.0.0.1:{port}",), robots=False, delay_s=0, ca_file=ca_file, backoff_s=0.01)
        async with Client(limits) as client:
            response = await client.fetch(FetchRequest(url=f"https://127.0.0.1:{port}/"))
        server.close()
        return response

    return asyncio.run(run())


@needs_openssl
def test_a_certificate_nobody_vouches_for_is_a_failure(tmp_path: Path) -> None:
    """A self-signed certificate ends as `tls`, is not tried again, and passes once its authority is named."""
    key, cert = _certificate(tmp_path, "IP:127.0.0.1")
    refused = _fetch(key, cert, None)
    assert (refused.outcome, refused.reason, refused.attempts) == (Outcome.FAILED, "tls", 1)
    assert _fetch(key, cert, str(cert)).outcome is Outcome.CAPTURED


@needs_openssl
def test_a_certificate_for_another_host_is_a_failure(tmp_path: Path) -> None:
    """A trusted certificate of somebody else does not open the door."""
    key, cert = _certificate(tmp_path, "DNS:other.example")
    assert _fetch(key, cert, str(cert)).reason == "tls"


def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    """A wrong `ca_file` is a settings error that names the file."""
    with pytest.raises(SettingsError, match=r"nothing\.pem"):
        Client(WebLimits(ca_file=str(tmp_path / "nothing.pem")))
