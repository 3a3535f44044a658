"""What the rows have to say stands at the end of the output. Processes wait for the disk; what judges them does not."""

from tests.library.samples import no_waiting_for_the_disk
from tests.resilience.disks import keep_mounts_to_ourselves
from tests.resilience.trials import FIGURES

__all__ = ["no_waiting_for_the_disk"]

keep_mounts_to_ourselves()  # Before any test has begun a process.


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("resilience")
        for line in FIGURES:
            terminalreporter.write_line(line)
