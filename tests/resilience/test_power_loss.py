"""
Power fails: what a disk of its own holds at that moment is what is left.

A library works on an ext4 file system in a file. The image is copied while the process is stopped: the copy holds what
was written through to the disk, and nothing that only the system's memory knew. The file system does not write by
itself meanwhile (commit=600), so whatever was not synced is missing. A disk that says "written" and lies is not tried.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.resilience.acts import PROCESSES, begin_library, check, work
from tests.resilience.disks import mounted, run
from tests.resilience.trials import count, figures, random_of

IMAGE_BYTES = 24_000_000
DISK = ("ext4", "loop,commit=600")
"""An image of a disk, as `mounted` takes it."""
SNAPSHOTS = 5
"""Times that the power fails on one process: it goes on, as if it had not."""
ACTS = ("add", "rebuild", "merge", "update")


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("mkfs.ext4") is None or os.geteuid() != 0, reason="only root may mount a disk image"
)
def test_power_may_fail_at_any_moment(tmp_path):
    """
    At any moment of adding, updating, merging and rebuilding the power fails. The file system is sound after its own
    recovery; the library opens and answers; every acknowledged article is there, of the batch at work all or none; the
    next update completes.
    """
    image = tmp_path / "disk"
    image.write_bytes(b"")
    os.truncate(image, IMAGE_BYTES)
    run("mkfs.ext4", "-q", "-J", "size=4", image)
    with mounted(tmp_path / "before", image, *DISK) as disk:
        begin_library(disk / "home")
    random = random_of("power loss")
    said = {"images": 0, "acknowledged": 0}
    with figures("power_loss", said):
        while said["images"] < count("power_loss"):
            act = ACTS[said["images"] // SNAPSHOTS % len(ACTS)]
            trial = f"{act}{said['images']}"
            shutil.copyfile(image, tmp_path / "working")
            with mounted(tmp_path / "work", tmp_path / "working", *DISK) as disk:
                taken = snapshots(disk / "home", tmp_path / "working", act, trial, random)
            for copy, begun, done in taken:
                batches = {"update": begun, "add": done, "merge": done}.get(act, 0)
                with mounted(tmp_path / "after", copy, *DISK) as disk:
                    check(disk / "home", [(trial, batches)])
                copy.unlink()
                said["images"] += 1
                said["acknowledged"] += 3 * batches


def snapshots(home, image, act, trial, random):
    """Let a process work, and copy the image a few times; give the copies, with what was told before each."""
    told, teller = PROCESSES.Pipe(duplex=False)
    worker = PROCESSES.Process(target=work, args=(str(home), act, trial, teller))
    worker.start()
    teller.close()
    heard = {"begin": 0, "done": 0}
    heard[told.recv()] += 1
    taken = []
    for number in range(SNAPSHOTS):
        until = time.monotonic() + random.random() * 0.5
        while (left := until - time.monotonic()) > 0:
            if told.poll(left):
                with suppress(EOFError):
                    heard[told.recv()] += 1
        os.kill(worker.pid, signal.SIGSTOP)
        while Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "TtZ":
            time.sleep(0.001)
        copy = image.with_name(f"copy {number}")
        while told.poll():
            with suppress(EOFError):
                heard[told.recv()] += 1
        shutil.copyfile(image, copy)
        taken.append((copy, heard["begin"], heard["done"]))
        os.kill(worker.pid, signal.SIGCONT)
    worker.kill()
    worker.join()
    told.close()
    worker.close()
    return taken
