"""
Small disks for tests: mounted where only this process and those it starts see them.

A run that is killed leaves no mount behind: the last process takes them along.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

CLONE_NEWNS = 0x20000
"""Mounts of one's own, as unshare(2) has it."""
MS_REC, MS_PRIVATE = 0x4000, 0x40000
"""What is mounted below does not show elsewhere either, as mount(2) has it."""


def keep_mounts_to_ourselves() -> None:
    """See to it that mounts show in this process, and in those started from now on, alone; does nothing if not root."""
    if os.geteuid() != 0:
        return
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(CLONE_NEWNS) == 0:  # Where that is not permitted, nothing can be mounted either.
        system.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)


@contextmanager
def mounted(directory: Path, source: str | Path, kind: str, options: str):
    """Mount a file system; skip the test where that is not permitted."""
    directory.mkdir(exist_ok=True)
    run("mount", "-t", kind, "-o", options, source, directory)
    try:
        yield directory
    finally:
        for _ in range(50):  # A process that was just killed may still be there.
            if subprocess.run(["umount", directory], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{directory} is still in use")


def run(*command: object) -> None:
    """Run a command; skip the test where it is not permitted or not there."""
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ran.returncode:
        pytest.skip(f"no disk can be used here: {' '.join(map(str, command))}: {ran.stderr.strip()}")
