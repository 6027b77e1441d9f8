"""A disk that is full or cannot be written: a clean error, nothing lost, and the run goes on when there is room."""

from __future__ import annotations

import json
import os
import subprocess
from random import Random

import pytest

from tests.conftest import TEXTBOOK
from tests.curation.conftest import digest_of, textbooks
from tests.curation.test_bad_input import refused

FILES = 120


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or not mount("-t", "tmpfs", "-o", "size=700k", "tmpfs", folder):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Texts of over a megabyte that no compression makes small."""
    folder, chance = tmp_path_factory.mktemp("noise"), Random(1)
    for number in range(FILES):
        noise = "".join(f"# {chance.randbytes(40).hex()}\n" for _ in range(110))
        (folder / f"{number:03d}.py").write_text(f"{TEXTBOOK}\n{noise}")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(disk, corpus, tmp_path, workers):
    command = ("curate", corpus, "--min-score", 0, "--keep-near-duplicates", "--workers", workers, "--out")
    run = textbooks(*command, disk / "out")
    refused(run, "No space left on device", "Make room", "it resumes")
    before = digest_of(disk / "out")
    assert mount("-o", "remount,size=100m", disk)
    run = textbooks(*command, disk / "out")
    assert run.returncode == 0, run.stderr
    after = digest_of(disk / "out")
    assert {name: after[name] for name in before} == before
    assert json.loads((disk / "out" / "stats.json").read_text())["kept"] == FILES
    assert textbooks("verify", disk / "out").returncode == 0


@pytest.mark.slow
def test_a_read_only_disk_is_refused_and_what_it_holds_can_be_verified(disk, tmp_path):
    (tmp_path / "search.py").write_text(TEXTBOOK)
    assert mount("-o", "remount,size=100m", disk)
    assert textbooks("curate", tmp_path / "search.py", "--out", disk / "out").returncode == 0
    before = digest_of(disk / "out")
    assert mount("-o", "remount,ro", disk)
    for out in (disk / "out", disk / "other"):
        refused(textbooks("curate", tmp_path / "search.py", "--out", out), "Read-only file system", "Choose another")
    assert textbooks("verify", disk / "out").returncode == 0
    assert digest_of(disk / "out") == before


def test_a_folder_that_nobody_may_write_to_is_refused(tmp_path):
    """Root writes to any folder; below /proc and below a file it does not."""
    (tmp_path / "search.py").write_text(TEXTBOOK)
    for out in ("/proc/textbooks", tmp_path / "search.py" / "out"):
        run = textbooks("curate", tmp_path / "search.py", "--out", out)
        refused(run, "cannot write to the output folder", "Choose another --out")
