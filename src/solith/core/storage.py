"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from solith.core._hdf_heaps import damaged_heaps
from solith.core.errors import StorageError
from solith.core.provenance import Provenance

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["read_record", "write_atomically", "write_record", "write_text"]

_FORMAT = "solith record 1"


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in its place.

    The bytes are on the disk before the name is: whoever looks finds the old file or
    the new one, never a part. On any failure the temporary file is removed. Raises
    :class:`StorageError` where the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from None
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(f"{path}: cannot be written ({error.strerror or error})") from None
        raise
    _sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all."""
    write_atomically(path, lambda temporary: _put_text(temporary, text))


def write_record(path: Path, record: Record) -> None:
    """Write a record as one netCDF file, whole or not at all.

    Raises :class:`StorageError` for attributes that are not plain data and texts that netCDF
    cannot hold.
    """
    try:
        attributes = json.dumps(record.data.attrs, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise StorageError(f"{path}: the attributes are not plain data ({error})") from None
    data = record.data.copy()
    data.attrs = {
        "solith_format": _FORMAT,
        "solith_kind": record.kind,
        "solith_name": record.name,
        "solith_provenance": record.provenance.to_json(),
        "solith_attributes": attributes,
    }
    try:
        write_atomically(path, lambda temporary: data.to_netcdf(temporary, engine="h5netcdf"))
    except (TypeError, ValueError) as error:
        raise StorageError(f"{path}: cannot be written as netCDF ({error})") from None


def read_record(path: Path) -> Record:
    """The record in a netCDF file that :func:`write_record` wrote.

    Raises :class:`StorageError` for a file that is missing, damaged or no record of solith.
    """
    import h5py
    import xarray as xr

    from solith.core.record import Record

    try:
        if damaged := damaged_heaps(path):
            raise StorageError(
                f"cannot be read as netCDF (the texts stored at byte {damaged[0]} are damaged)"
            )
        # h5netcdf prints a traceback of its own when the file below it cannot be opened.
        with h5py.File(path, "r") as raw:
            dict(raw.attrs)
        with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as stored:
            data = stored.load()
        written = data.attrs
        if written.get("solith_format") != _FORMAT:
            raise StorageError("is netCDF, but no record of solith")
        data.attrs = json.loads(written["solith_attributes"])
        return Record(
            kind=written["solith_kind"],
            data=data,
            provenance=Provenance.from_json(written["solith_provenance"]),
            name=written["solith_name"],
        )
    except FileNotFoundError:
        raise StorageError(f"{path}: there is no such file") from None
    except StorageError as error:
        raise StorageError(f"{path}: {error}") from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise StorageError(f"{path}: cannot be read as netCDF ({error})") from None


def _put_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
