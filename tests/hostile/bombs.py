"""Bombs: small files that would come out large. All are made in milliseconds and never unpacked here."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

from tests.hostile.carriers import as_tar, as_zip

__all__ = ["gzip_bomb", "long_line_bomb", "nested_zip", "overlapping_zip", "pax_bomb", "tar_bomb", "zip_bomb"]

_MEGABYTE = 1_048_576
_LAST_BLOCK = b"\x03\x00"


def _deflated(block: bytes, times: int) -> bytes:
    """Return deflate data of a block repeated; a full flush makes its compressed form repeatable as it is."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)) * times + _LAST_BLOCK


def gzip_bomb(megabytes: int = 10_000, fill: bytes = b" ", *, first: bytes = b"") -> bytes:
    """Return a gzip file that begins with a few honest bytes; its check sum is wrong, should anyone get there."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = engine.compress(first) + engine.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    return head + start + _deflated(fill * _MEGABYTE, megabytes) + struct.pack("<II", 0, 0)


def long_line_bomb() -> bytes:
    """Return gzip'd JSON lines: a good line, then one that does not end for 10 GB."""
    return gzip_bomb(first=b'{"text": "An honest line.", "id": 1}\n{"text": "')


def zip_bomb(members: int = 3, megabytes: int = 4000) -> bytes:
    """Return a zip with an honest member and some that come out at 4 GB each; sizes in its headers are lies."""
    data = _deflated(b" " * _MEGABYTE, megabytes)
    out, directory = bytearray(), bytearray()
    honest = b"An honest member of a dishonest archive.\n"
    contents = [("honest.txt", zlib.compress(honest, 9)[2:-4], zlib.crc32(honest))]
    contents += [(f"bomb{number}.txt", data, 0) for number in range(members)]
    for name, packed, crc in contents:
        fields = (20, 0, 8, 0, 0, crc, len(packed), 1000, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H5H3I2H3H2I", 20, *fields, 0, 0, 0, 0, len(out)) + name.encode()
        out += b"PK\x03\x04" + struct.pack("<5H3I2H", *fields) + name.encode() + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(contents), len(contents), len(directory), len(out), 0)
    return bytes(out + directory + end)


def overlapping_zip(entries: int = 2000) -> bytes:
    """Return a zip whose directory names the same data two thousand times."""
    whole = as_zip({"a.txt": b"The same words again and again. " * 300_000})
    end = whole.rfind(b"PK\x05\x06")
    _, _, _, _, _, size, start, _ = struct.unpack("<4s4H2IH", whole[end:])
    directory = whole[start : start + size] * entries
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(directory), start, 0)
    return whole[:start] + directory + tail


def nested_zip(depth: int = 6, width: int = 4) -> bytes:
    """Return zips within zips; each level multiplies what lies below it."""
    content = as_zip({"a.txt": b"Deep down.\n" + b" " * _MEGABYTE})
    for level in range(depth):
        content = as_zip({f"{level}-{number}.zip": content for number in range(width)})
    return content


def tar_bomb() -> bytes:
    """Return a tar.gz whose second member is 8 GB of one byte."""
    honest = as_tar({"honest.txt": b"An honest member of a dishonest archive.\n"})[:1024]
    member = tarfile.TarInfo("bomb.txt")
    member.size = 8_000 * _MEGABYTE
    return gzip_bomb(8_000, first=honest + member.tobuf())


def pax_bomb() -> bytes:
    """Return a tar.gz whose extended header claims to be 8 GB long and must not be read into memory."""
    member = tarfile.TarInfo("./PaxHeaders/x")
    member.type, member.size = tarfile.XHDTYPE, 8_000 * _MEGABYTE
    return gzip_bomb(8_000, fill=b"9", first=member.tobuf())


def many_members_tar(count: int) -> bytes:
    """Return a tar.gz of very many empty files."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as packed:
        for number in range(count):
            packed.write(tarfile.TarInfo(f"{number}.txt").tobuf())
    return buffer.getvalue()


def stored_zip_of(name: str, content: bytes) -> bytes:
    """Return a zip that stores its one member as it is."""
    return as_zip({name: content}, compression=zipfile.ZIP_STORED)
