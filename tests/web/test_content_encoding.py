"""Bounded decompression over raw bytes."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from copydesk.web.content_encoding import BodyTooLargeError, BrokenBodyError, decode, gunzip


def _naked(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate ": _naked,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoding", PACKERS)
@given(data=st.binary(min_size=1, max_size=5000))
def test_what_was_packed_comes_back(encoding: str, data: bytes) -> None:
    """Decoding undoes every encoding that we ask for, for any content."""
    assert decode(PACKERS[encoding](data), encoding, 5000) == data


@pytest.mark.parametrize("encoding", PACKERS)
@given(data=st.binary(min_size=200, max_size=3000), cut=st.integers(1, 40))
def test_a_stream_without_its_end_is_broken(encoding: str, data: bytes, cut: int) -> None:
    """However much is missing at the end, the body is not taken for a shorter one."""
    packed = PACKERS[encoding](data)
    with pytest.raises(BrokenBodyError):
        decode(packed[:-cut], encoding, 10_000)


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_bomb_never_grows_beyond_the_limit(encoding: str) -> None:
    """A body that would be 60 MB is refused at the limit."""
    bomb = PACKERS[encoding](bytes(60_000_000))
    with pytest.raises(BodyTooLargeError):
        decode(bomb, encoding, 1_000_000)


@given(junk=st.binary(min_size=1, max_size=300), encoding=st.sampled_from(sorted(PACKERS)))
def test_junk_is_a_clear_failure(junk: bytes, encoding: str) -> None:
    """Random bytes end in a result or in one of our two errors, never in a library's."""
    try:
        decode(junk, encoding, 1000)
    except (BrokenBodyError, BodyTooLargeError):
        return


def test_layers_are_undone_from_the_outside() -> None:
    """Two layers are undone in order; more than two are nobody's honest intention."""
    data = brotli.compress(b"text")
    assert decode(gzip.compress(data), "br, gzip", 100) == b"text"
    with pytest.raises(BrokenBodyError):
        decode(data, "gzip, gzip, gzip", 100)


def test_members_and_padding_of_gzip() -> None:
    """Several gzip members are one body; NUL padding and trailing rubbish after them are ignored."""
    assert gunzip(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0", 100) == b"one two"
    assert gunzip(gzip.compress(b"one") + b"rubbish", 100) == b"one"


def test_a_zstd_window_larger_than_a_browsers_is_refused() -> None:
    """A frame that asks for a window of 128 MB is not given it."""
    params = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=params).compressobj()
    frame = packer.compress(b"a" * 1000) + packer.flush()
    with pytest.raises(BrokenBodyError):
        decode(frame, "zstd", 10_000)
