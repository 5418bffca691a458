"""Running a study: from its tasks to records, results and the comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.record import Record
from solith.core.result import Result
from solith.core.storage import write_text
from solith.study._description import Study
from solith.study._engine import run_tasks
from solith.study._folder import open_folder
from solith.study._worker import load
from solith.study.comparison import Row, compare, rows_to_json

__all__ = ["StudyRun", "run_study"]


@dataclass(frozen=True)
class StudyRun:
    """What came out of a study: everything by the name of its task.

    ``failures`` tells why a task has no output. The files lie in ``folder``: one netCDF
    a record, one JSON a result, the comparison and the study itself as JSON.
    """

    study: Study
    folder: Path
    rows: tuple[Row, ...]
    records: Mapping[str, Record]
    results: Mapping[str, Result]
    failures: Mapping[str, str]


def run_study(
    study: Study,
    folder: Path | str,
    *,
    progress: Progress = SILENT,
    force: bool = False,
    reuse: bool = False,
    workers: int | None = None,
) -> StudyRun:
    """Run the tasks of a study side by side in processes, and keep all outputs.

    ``folder`` is made if it is not there. A run of the same study that was cut off is
    gone on with; a finished one is taken as it is with ``reuse``, replaced with
    ``force``, and an :class:`InputError` otherwise. ``workers`` is the number of
    processes, by default as many as there are cores. A script that calls this needs
    ``if __name__ == "__main__":`` around it, since each process imports the script.

    A failed task does not stop the others; see ``failures``. Cancelling ``progress`` or
    Ctrl-C raises :class:`InterruptedRunError`; what is done stays.
    """
    if workers is not None and workers < 1:
        raise InputError(f"{workers} must be at least 1", where="workers")
    path = Path(folder)
    with open_folder(study, path, force=force, reuse=reuse) as opened:
        written = json.dumps(study.to_mapping(), indent=1, ensure_ascii=False)
        write_text(path / "study.json", written)
        failures = run_tasks(study, opened, progress=progress, workers=workers)
        outputs = {
            task.name: load(opened.output(task))
            for task in study.tasks
            if task.name not in failures
        }
        records = {name: item for name, item in outputs.items() if isinstance(item, Record)}
        results = {name: item for name, item in outputs.items() if isinstance(item, Result)}
        rows = compare(study, results)
        write_text(path / "comparison.json", rows_to_json(rows) + "\n")
        opened.catalogue.set_fact("state", "failed" if failures else "finished")
    return StudyRun(study, path, rows, records, results, failures)
