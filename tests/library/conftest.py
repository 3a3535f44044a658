"""Tests of the library do not wait for the disk."""

from tests.library.samples import no_waiting_for_the_disk

__all__ = ["no_waiting_for_the_disk"]
