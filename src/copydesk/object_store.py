"""Objects in stores and files on web servers, by address: `s3://bucket/key`, `gs://`, `az://`, `https://host/file`.

The library is obstore (extra `cluster`): one wheel without dependencies, range reads, and no event loop that a forked
worker would inherit. fsspec's s3fs brings aiobotocore, aiohttp and ten more, and reads through an event loop in a
thread. Credentials and endpoint come from the usual variables (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION;
AWS_SKIP_SIGNATURE=true for public buckets), never from copydesk.toml.

All functions raise OSError where the store refuses, as files do, and UsageError where obstore is not installed.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from copydesk.errors import UsageError

if TYPE_CHECKING:
    from obstore import ObjectMeta

__all__ = [
    "StoredObject",
    "is_folder",
    "is_remote",
    "is_store",
    "is_web",
    "put_file",
    "read_object",
    "read_range",
    "remove_object",
    "stored_object",
    "stored_objects",
]

_SCHEME = re.compile(r"(?:s3|gs|az|https?)://", re.IGNORECASE)
_STORE = re.compile(r"(?:s3|gs|az)://[^/]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object of a store.

    Attributes:
        address: Where it is.
        name: Its path below the folder that was listed, or its own last part.
        size_bytes: Its length.
        modified_at: When it was written; UTC.
    """

    address: str
    name: str
    size_bytes: int
    modified_at: datetime


def is_remote(path: str) -> bool:
    """Return whether a path is the address of a file or folder elsewhere."""
    return _SCHEME.match(path) is not None


def is_store(address: str) -> bool:
    """Return whether an address lies in an object store, where it can be written and listed."""
    return _STORE.match(address) is not None


def is_web(address: str) -> bool:
    """Return whether an address is that of a web server, which can be read alone."""
    return address.lower().startswith("http")


def is_folder(address: str) -> bool:
    """Return whether an address is written as that of a folder, or of a whole store."""
    return address.endswith("/") or not urlsplit(address).path.lstrip("/")


def stored_object(address: str) -> StoredObject:
    """Return what a store or web server says of one file."""
    store, base, key = _place(address)
    with _as_os_errors():
        return _described(store.head(key), f"{base}/{key}", key.rpartition("/")[2])


def stored_objects(folder: str) -> Iterator[StoredObject]:
    """Yield the objects below an address, in the order of their keys."""
    store, base, key = _place(folder)
    prefix = f"{key.rstrip('/')}/" if key else ""
    with _as_os_errors():
        for some in store.list(prefix or None, chunk_size=1000):
            for meta in some:
                yield _described(meta, f"{base}/{meta['path']}", meta["path"].removeprefix(prefix))


def _described(meta: ObjectMeta, address: str, name: str) -> StoredObject:
    return StoredObject(address=address, name=name, size_bytes=meta["size"], modified_at=meta["last_modified"])


def put_file(address: str, path: Path) -> None:
    """Write a file as an object; whoever reads meets all of it, or what was there before."""
    store, _, key = _place(address)
    with _as_os_errors():
        store.put(key, path)


def read_object(address: str) -> bytes:
    """Return all bytes of an object."""
    store, _, key = _place(address)
    with _as_os_errors():
        return bytes(store.get(key).bytes())


def read_range(address: str, offset: int, length: int) -> bytes:
    """Return some bytes of an object; fewer where it ends before."""
    store, _, key = _place(address)
    with _as_os_errors():
        return bytes(store.get_range(key, start=offset, length=length))


def remove_object(address: str) -> None:
    """Remove an object; one that is not there is no error."""
    store, _, key = _place(address)
    try:
        with _as_os_errors():
            store.delete(key)
    except FileNotFoundError:
        pass


def _place(address: str) -> tuple[Any, str, str]:
    """Return the store of an address, the beginning of all its addresses, and the key in it."""
    parts = urlsplit(address)
    base = f"{parts.scheme}://{parts.netloc}"
    return _store(base), base, unquote(parts.path.lstrip("/"))


@lru_cache(maxsize=64)
def _store(base: str) -> Any:
    try:
        from obstore.store import HTTPStore, from_url
    except ImportError as error:
        raise UsageError(
            f'{base} needs a package that is not installed. `pip install "copydesk[cluster]"` installs it.'
        ) from error
    plain = base.startswith("http://") or os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    try:
        if is_web(base):
            return HTTPStore.from_url(base, client_options={"allow_http": plain})
        return from_url(base, client_options={"allow_http": plain})
    except Exception as error:
        raise UsageError(f"{base} cannot be opened: {str(error).splitlines()[0]}. Correct the address.") from error


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Turn the store's errors into the system's, which readers of files expect."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "nothing has this address") from error
    except OSError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("obstore"):
            raise
        raise OSError(errno.EIO, " ".join(str(error).split())[:300]) from error
