"""A folder with results, written whole or not at all, and known by the list of what is in it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from solith.app._analyse_files import MARK
from solith.core.errors import InputError, StorageError
from solith.core.storage import write_text

__all__ = ["check_free", "replace_folder"]


def check_free(folder: Path, *, replace: bool = True) -> None:
    """Raise :class:`InputError` where ``folder`` holds anything but an earlier analysis.

    One that it holds may be replaced, unless ``replace`` is false.
    """
    file = str(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is a file; give another folder with --out", file=file)
    lying = {item.relative_to(folder).as_posix() for item in folder.rglob("*") if item.is_file()}
    if lying and MARK not in lying:
        raise InputError(
            "the folder holds something else than an analysis; give another one with --out",
            file=file,
        )
    if lying and not replace:
        raise InputError(
            "the folder holds an earlier result; give another one with --out, or --force to "
            "replace it",
            file=file,
        )
    if foreign := sorted(lying - _written(folder)):
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise InputError(
            f"the folder holds what no analysis wrote ({foreign[0]}{more}); move that away, or "
            "give another folder with --out",
            file=file,
        )


def replace_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write the results into a new folder, then put that in the place of ``folder``.

    All is written beside ``folder`` first; the list of what was written is added. Raises
    :class:`InputError` as :func:`check_free` does, :class:`StorageError` where nothing can be
    written.
    """
    check_free(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made ({error.strerror})") from None
    try:
        fresh.chmod(0o755)
        fill(fresh)
        written = [item for item in fresh.rglob("*") if item.is_file()]
        names = sorted(item.relative_to(fresh).as_posix() for item in written)
        write_text(fresh / MARK, json.dumps([MARK, *names], indent=1, ensure_ascii=False) + "\n")
        _exchange(fresh, folder)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _exchange(fresh: Path, folder: Path) -> None:
    """Put ``fresh`` in the place of ``folder``; where that fails, the old one comes back."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = fresh.with_name(f"{fresh.name}.old")
    folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _written(folder: Path) -> set[str]:
    """The files that an earlier analysis wrote."""
    try:
        names = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return {str(name) for name in names}
    except (OSError, ValueError, TypeError):
        return set()
