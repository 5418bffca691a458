"""The task ``read``: one record of an instrument's file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from solith.core.errors import InputError
from solith.core.provenance import fingerprint_file
from solith.core.record import Record
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    if not isinstance(inputs["file"], str):
        raise InputError(f"{inputs['file']!r} is not the name of a file", where="file")
    number = inputs.get("number", 1)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise InputError(f"{number!r} is not a whole number from 1", where="number")
    if not _path(inputs["file"], inputs["folder"]).is_file():
        raise InputError(
            f"there is no file {inputs['file']!r} (looked for from the study's folder)",
            where="file",
        )


def _depends_on(inputs: Mapping[str, Any]) -> str:
    return fingerprint_file(_path(inputs["file"], inputs["folder"]))


@task_kind("read", gives="record", check=_check, depends_on=_depends_on)
def _read(*, file: str, number: int = 1, folder: str) -> Record:
    from solith.readers import read

    records = read(_path(file, folder))
    if number > len(records):
        raise InputError(f"{file} holds {len(records)} record(s), asked for number {number}")
    return records[number - 1]


def _path(file: str, folder: str) -> Path:
    return Path(folder) / file
