"""The folder for what lives as long as a process: the workers' notes, the sockets of multiprocessing.

    /tmp/copydesk-x7f3/lock     held (flock) by the process; free when it is gone, however it ended
    /tmp/copydesk-x7f3/...      what it made; removed at its end, or by the next process that needs such a folder

A process that is killed cannot tidy up after itself, and three hundred kills would leave six hundred folders.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from functools import cache
from multiprocessing import util
from pathlib import Path

__all__ = ["scratch_folder"]

_PREFIX = "copydesk-"
_YOUNG_S = 60
"""A folder without a lock is left alone so long: its process may be about to make one."""


@cache
def scratch_folder() -> Path:
    """Return this process's folder, and remove those of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.is_dir() and _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = os.open(own / "lock", os.O_RDWR | os.O_CREAT, 0o600)  # open as long as the process lives
    fcntl.flock(lock, fcntl.LOCK_EX)
    util.Finalize(None, shutil.rmtree, args=(own,), kwargs={"ignore_errors": True}, exitpriority=-200)
    usual, tempfile.tempdir = tempfile.tempdir, str(own)
    try:
        util.get_temp_dir()  # multiprocessing makes its folder once, here, and removes it (priority -100) before ours
    finally:
        tempfile.tempdir = usual
    return own


def _is_left(folder: Path) -> bool:
    """Return whether nobody holds a folder's lock."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > _YOUNG_S
    except OSError:  # another user's
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
