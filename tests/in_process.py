"""Tasks done one after another in this process: quick, for tests of what they give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from solith.study._processes import Heard
from solith.study._worker import Job, _outcome

__all__ = ["InProcess"]


@dataclass
class InProcess:
    """Stands in for :class:`solith.study._processes.Processes`."""

    most: int
    heard: list[Heard] = field(default_factory=list)
    free: int = 1

    def start(self, job: Job) -> None:
        """Do the job now."""
        self.job = job
        what, told = _outcome(job, self)  # type: ignore[arg-type]
        if what == "done":
            self.heard.append(Heard(job.task, what, 1.0, seconds=told))
        else:
            self.heard.append(Heard(job.task, what, message=told))

    def send(self, news: tuple[Any, ...]) -> None:
        """What a job sends through its connection."""
        what, fraction, message = news
        self.heard.append(Heard(self.job.task, what, fraction=fraction, message=message))

    def hear(self, timeout: float) -> list[Heard]:
        """What came since."""
        heard, self.heard = self.heard, []
        return heard

    def stop(self) -> None:
        """Nothing is running."""
