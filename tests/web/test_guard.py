"""The guard: what may be asked for, what may be dialled."""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Address, ip_address

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.web.network_backend import GuardedBackend
from copydesk.web.policy.guard import Guard, GuardRefusedError, is_public

PRIVATE = [
    "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.9.9",
    "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
]  # fmt: skip
PRIVATE6 = [
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
    "100::1", "::ffff:0:127.0.0.1", "3fff::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE + PRIVATE6)
def test_what_is_not_globally_routable_is_refused(address: str) -> None:
    """Private, loopback, link-local, metadata, NAT64, mapped and reserved addresses are not public."""
    assert not is_public(ip_address(address))
    with pytest.raises(GuardRefusedError):
        Guard().check_address("news.example", 443, address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:80e::2004"])
def test_the_public_internet_is_let_through(address: str) -> None:
    """Ordinary addresses pass."""
    Guard().check_address("news.example", 443, address)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_wrapped_in_ipv6_is_never_public(number: int) -> None:
    """Mapped, compatible, translated, 6to4 and NAT64 forms of any IPv4 address are refused."""
    v4 = IPv4Address(number)
    for wrapped in (f"::ffff:{v4}", f"::{v4}", f"::ffff:0:{v4}", f"64:ff9b::{v4}"):
        assert not is_public(ip_address(wrapped))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://news.example/", "file:///etc/passwd", "gopher://news.example/", "javascript:alert(1)", "//news.example/",
        "http://", "http:///path", "https://user@news.example/", "https://user:pw@news.example/", "https://:@news.example",
        "http://news.example:22/", "http://news.example:8080/", "http://news.example:99999/", "http://news.example:x/",
        "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/meta-data/",
        "http://news.example/\r\nHost: evil", "http://news.example\\@127.0.0.1/", "http://a b/", "http://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_an_address_nobody_should_ask_for_is_refused(url: str) -> None:
    """Other schemes, odd ports, user info, literal private addresses and smuggled control characters."""
    with pytest.raises(GuardRefusedError):
        Guard().check_url(url)


def test_an_address_is_taken_apart_once() -> None:
    """The host that is checked is the host that is asked: lower case, ASCII, without a trailing dot."""
    target = Guard().check_url("HTTPS://Müller.Example.:443/a")
    assert (target.scheme, target.host, target.port, target.key) == (
        "https",
        "xn--mller-kva.example",
        443,
        "xn--mller-kva.example",
    )


def test_an_exception_opens_exactly_one_host_and_port() -> None:
    """`allow_hosts` is not a pattern: neighbours in host or port stay closed."""
    guard = Guard(("127.0.0.1:8123", "intranet.example:8080"))
    assert guard.check_url("http://127.0.0.1:8123/x").authority == "127.0.0.1:8123"
    guard.check_address("intranet.example", 8080, "10.0.0.5")
    for url in (
        "http://127.0.0.1:8124/",
        "http://127.0.0.2:8123/",
        "http://127.0.0.1/",
        "http://x.intranet.example:8080/",
    ):
        with pytest.raises(GuardRefusedError):
            guard.check_url(url)
    with pytest.raises(GuardRefusedError):
        guard.check_address("intranet.example", 80, "10.0.0.5")


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_a_name_is_judged_by_the_address_that_is_dialled(host: str) -> None:
    """Names and odd spellings that resolve to this machine are refused at connect time, before a packet is sent."""
    guard = Guard()
    guard.check_url(f"http://{host}/")

    async def dial() -> None:
        await GuardedBackend(guard).connect_tcp(host, 80, timeout=1)

    with pytest.raises((GuardRefusedError, httpcore2.ConnectError)) as caught:
        asyncio.run(dial())
    assert isinstance(caught.value, GuardRefusedError) or "resolve" in str(caught.value)


def test_the_address_that_was_checked_is_the_one_that_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes between two look-ups (DNS rebinding) is looked up once; a mixed answer is refused whole."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    dialled: list[str] = []

    class Dialler:
        async def connect_tcp(self, host: str, *_rest: object) -> None:
            dialled.append(host)

    backend = GuardedBackend(Guard())
    monkeypatch.setattr("copydesk.web.network_backend._resolve", rebinding)
    monkeypatch.setattr(backend, "_inner", Dialler())
    asyncio.run(backend.connect_tcp("news.example", 80))
    assert (asked, dialled) == (["news.example"], ["93.184.215.14"])
    with pytest.raises(GuardRefusedError):
        asyncio.run(backend.connect_tcp("news.example", 80))

    async def mixed(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    monkeypatch.setattr("copydesk.web.network_backend._resolve", mixed)
    with pytest.raises(GuardRefusedError):
        asyncio.run(backend.connect_tcp("news.example", 80))
    assert dialled == ["93.184.215.14"]
