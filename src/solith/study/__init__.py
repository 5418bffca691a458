"""Studies: tasks from a file, run side by side, compared with what was published."""

from __future__ import annotations

from solith.study._description import Comparison, Experiment, Output, Sample, Study, Task
from solith.study._load import load_packaged_study, load_study, packaged_studies, starter_text
from solith.study._published import Published, find_published, published_sources
from solith.study.comparison import Row, compare, rows_to_data, rows_to_json, rows_to_text
from solith.study.run import StudyRun, run_study
from solith.study.tasks import KINDS, TaskKind, find_kind, task_kind

__all__ = [
    "KINDS",
    "Comparison",
    "Experiment",
    "Output",
    "Published",
    "Row",
    "Sample",
    "Study",
    "StudyRun",
    "Task",
    "TaskKind",
    "compare",
    "find_kind",
    "find_published",
    "load_packaged_study",
    "load_study",
    "packaged_studies",
    "published_sources",
    "rows_to_data",
    "rows_to_json",
    "rows_to_text",
    "run_study",
    "starter_text",
    "task_kind",
]
