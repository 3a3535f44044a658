"""What keeps a library safe: backups, and what an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

State = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it says of itself. `articles`: live ones; `bytes`: of the whole file; `kept`: what it replaced."""

    path: Path
    made_at: datetime
    articles: int
    revisions: int
    bytes: int
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One check of an examination. `said`: what was found, in one sentence; `next_step`: what to do about it.

    `mendable`: a command mends it without loss; otherwise a person has to look.
    """

    check: str
    state: State
    said: str
    next_step: str | None = None
    mendable: bool = True

    @classmethod
    def of(cls, check: str, error: Exception, next_step: str | None, *, mendable: bool = True) -> Finding:
        """Give what an error says as broken, with this next step instead of the error's own."""
        said = str(error).partition(" Run: ")[0] if next_step else str(error)
        return cls(check, "broken", said, next_step, mendable)


@dataclass(frozen=True, slots=True)
class Examination:
    """What `doctor` found, and what it did about it."""

    home: Path
    findings: tuple[Finding, ...]
    repairs: tuple[str, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        """Whether something is broken that no command mends."""
        return any(one.state == "broken" and not one.mendable for one in self.findings)

    @property
    def broken(self) -> bool:
        """Whether something is broken."""
        return any(one.state == "broken" for one in self.findings)
