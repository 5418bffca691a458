"""Studies: tasks from a file, run side by side, compared with what was published."""

from __future__ import annotations

from solith.study._description import (
    Calibration,
    CalibrationTarget,
    Comparison,
    Experiment,
    FreeParameter,
    Output,
    Sample,
    Setting,
    Study,
    Task,
)
from solith.study._load import load_packaged_study, load_study, packaged_studies, starter_text
from solith.study._published import Published, find_published, published_sources
from solith.study.calibration import Parameter, Target, calibrate, propagate
from solith.study.comparison import Row, compare, rows_to_data, rows_to_json, rows_to_text
from solith.study.replicates import Replicates, summarise
from solith.study.run import StudyRun, run_study
from solith.study.structure_chain import MeasuredStructure, measure_structure
from solith.study.tasks import KINDS, TaskKind, find_kind, task_kind

__all__ = [
    "KINDS",
    "Calibration",
    "CalibrationTarget",
    "Comparison",
    "Experiment",
    "FreeParameter",
    "MeasuredStructure",
    "Output",
    "Parameter",
    "Published",
    "Replicates",
    "Row",
    "Sample",
    "Setting",
    "Study",
    "StudyRun",
    "Target",
    "Task",
    "TaskKind",
    "calibrate",
    "compare",
    "find_kind",
    "find_published",
    "load_packaged_study",
    "load_study",
    "measure_structure",
    "packaged_studies",
    "propagate",
    "published_sources",
    "rows_to_data",
    "rows_to_json",
    "rows_to_text",
    "run_study",
    "starter_text",
    "summarise",
    "task_kind",
]
