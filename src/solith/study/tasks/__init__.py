"""Kinds of task: every public module in this folder registers the kinds it holds."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from solith.study.tasks._registry import KINDS, TaskKind, find_kind, task_kind

__all__ = ["KINDS", "TaskKind", "find_kind", "task_kind"]

for _module in pkgutil.iter_modules(__path__):
    if not _module.name.startswith("_"):
        import_module(f"{__name__}.{_module.name}")
