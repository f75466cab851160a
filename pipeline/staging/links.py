"""A file under a second name, without its content being copied."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

FICLONE = 0x40049409
"""Linux' request to share a file's blocks with another file, which then has a content of its own."""
NO_REFLINK = frozenset(
    {errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.EXDEV, errno.ENOSYS, errno.EPERM, errno.ETXTBSY}
)


def link(source: Path, target: Path) -> None:
    """Makes `target` a reflink of `source`, or a hard link where the file system has no reflinks.

    Raises OSError, with FileExistsError where `target` is there; nothing is left behind then.
    """
    if not _reflink(source, target):
        os.link(os.path.realpath(source), target)  # a link to the file, where the library has a symbolic one


def is_link(source: Path, target: Path) -> bool:
    """Tells whether `target` is what `link` makes of `source`, unless somebody has written to one of them."""
    there, here = os.stat(source), os.lstat(target)
    if not stat.S_ISREG(here.st_mode):
        return False
    if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
        return True
    return here.st_nlink == 1 and (there.st_size, there.st_mtime_ns) == (here.st_size, here.st_mtime_ns)


def _reflink(source: Path, target: Path) -> bool:
    with open(source, "rb") as original:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            fcntl.ioctl(descriptor, FICLONE, original.fileno())
            os.utime(descriptor, ns=_times(original.fileno()))
        except BaseException as error:
            os.unlink(target)
            if isinstance(error, OSError) and error.errno in NO_REFLINK:
                return False
            raise
        finally:
            os.close(descriptor)
    return True


def _times(descriptor: int) -> tuple[int, int]:
    """The time of the last write is how `is_link` knows the file again."""
    status = os.fstat(descriptor)
    return status.st_mtime_ns, status.st_mtime_ns
