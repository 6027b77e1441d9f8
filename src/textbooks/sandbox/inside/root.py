"""A root folder that holds what Python needs, read-only, and an empty place for scratch: nothing else is seen."""

# The bare interpreter does without pathlib.
# ruff: noqa: PTH103, PTH106, PTH112, PTH114, PTH115, PTH118, PTH120, PTH123, PTH211
from __future__ import annotations

import os
import sys

from .kernel import MS, mount, pivot_root, unmount

__all__ = ["SCRATCH_BYTES", "build_root", "mount_scratch", "scratch_folder"]

SCRATCH_BYTES = 16 << 20
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
_PLACES = ("/mnt", "/srv", "/media", "/opt", "/tmp")  # something is mounted over one of these


def _sources() -> list[str]:
    """Return the folders and links to show, each before what lies below it."""
    own = [os.path.join(sys.base_prefix, name) for name in ("lib", "lib64")]
    own += [os.path.dirname(os.path.realpath(os.__file__))]
    found = [path for path in {*own, *_LIBRARIES} if os.path.isdir(path)]
    found.sort()
    return [path for path in found if not any(path.startswith(other + "/") for other in found)]


def scratch_folder() -> str:
    """Return where the scratch folder lies: where temporary files go, unless Python itself is installed there."""
    return "/scratch" if any(path.startswith("/tmp/") for path in _sources()) else "/tmp"


def build_root() -> None:
    """Replace the root of this mount namespace by one that shows the standard library alone, read-only.

    Raises
    ------
    OSError
        If the kernel or the machine's policy refuses a step.
    """
    mount("none", "/", "", MS["rec"] | MS["private"])
    sources, scratch = _sources(), scratch_folder()
    place = next(p for p in _PLACES if os.path.isdir(p) and not any(s.startswith(p + "/") for s in sources))
    mount("tmpfs", place, "tmpfs", MS["nosuid"] | MS["nodev"], "size=1m,mode=755")
    for source in sources:
        _show(source, place)
    for folder in (scratch, "/dev", "/old"):
        os.makedirs(place + folder, exist_ok=True)
    with open(place + "/dev/null", "w"):
        pass
    mount("/dev/null", place + "/dev/null", "", MS["bind"])
    os.chdir(place)
    pivot_root(".", "old")
    os.chdir("/")
    unmount("/old")
    os.rmdir("/old")
    for hidden in _foreign_packages(sources):
        mount("tmpfs", hidden, "tmpfs", MS["nosuid"] | MS["nodev"] | MS["rdonly"], "size=4k,mode=555")
    mount("tmpfs", "/", "", MS["remount"] | MS["bind"] | MS["rdonly"] | MS["nosuid"] | MS["nodev"])


def _show(source: str, place: str) -> None:
    target = place + source
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
        return
    os.makedirs(target, exist_ok=True)
    mount(source, target, "", MS["bind"])
    kept = MS["noexec"] if os.statvfs(target).f_flag & os.ST_NOEXEC else 0
    mount("none", target, "", MS["remount"] | MS["bind"] | MS["rdonly"] | MS["nosuid"] | MS["nodev"] | kept)


def _foreign_packages(sources: list[str]) -> list[str]:
    """Return the folders of installed packages: not on the path of a confined program, so not shown either."""
    library = os.path.dirname(os.path.realpath(os.__file__))
    near = [os.path.join(library, name) for name in ("site-packages", "dist-packages")]
    near += [os.path.join(os.path.dirname(library), "python3", "dist-packages")]
    return [path for path in near if os.path.isdir(path) and sources]


def mount_scratch(folder: str) -> None:
    """Mount an empty writable folder of 16 MB: it is gone with the mount namespace of its process."""
    mount("tmpfs", folder, "tmpfs", MS["nosuid"] | MS["nodev"] | MS["noexec"], f"size={SCRATCH_BYTES},nr_inodes=1024")
