"""Neware's binary files, ``.nda`` and ``.ndax``, read through fastnda.

The layouts are outside solith's subject; the library fastnda keeps up with them. A zip
archive (``.ndax``) is measured before it is unpacked.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import SolithError, StorageError
from solith.readers._current_sign import charging_positive
from solith.readers._cycler import told_of_counters
from solith.readers._measured import measured_record
from solith.readers._restarts import counted_without_restarts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Neware binary (.nda, .ndax)"

_BARE, _ZIP = b"NEWARE", b"PK\x03\x04"
_MEMBERS = (b".ndc", b"NdaxConfig.xml", b"VersionInfo.xml", b"TestInfo.xml")
_MOST_BYTES = 4 << 30
_MOST_GROWTH = 200
"""A real archive grows about 3 times; one that grows this much holds no measurement."""

_NUMBERS = {
    "index": ("record_index", 1.0),
    "total_time_s": ("test_time_second", 1.0),
    "step_time_s": ("step_time_second", 1.0),
    "unix_time_s": ("unix_time_second", 1.0),
    "voltage_V": ("voltage_volt", 1.0),
    "current_mA": ("current_ampere", 1e-3),
    "cycle_count": ("cycle_count", 1.0),
    "step_count": ("step_count", 1.0),
    "step_index": ("step_id", 1.0),
}
_NET = {"capacity_mAh": "capacity_ah", "energy_mWh": "energy_wh"}
_WORDS = {"V": ("volt", 1.0), "degC": ("celsius", 1.0), "mA": ("ampere", 1e-3), "kPa": ("pa", 1e3)}
"""The word of the unit of an auxiliary channel, and the factor into that unit."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as one of Neware's, bare or zipped."""
    return head.startswith(_BARE) or (
        head.startswith(_ZIP) and any(member in head for member in _MEMBERS)
    )


def read(path: Path) -> list[Record]:
    """The cycling record in a file; a clock that restarts is joined where the counters go on.

    Raises :class:`StorageError` for a file that is damaged or of a version that is not
    known, and where fastnda is not installed.
    """
    zipped = _is_zip(path)
    if zipped:
        _require_sound(path)
    notes: list[str] = []
    with _guarded(path, notes):
        columns, units, claimed = _columns(path, ".ndax" if zipped else ".nda")
    if not len(columns["voltage_volt"]):
        raise StorageError(f"{path}: holds no points")
    notes += _gaps(columns["record_index"], claimed, zipped=zipped)
    notes.append(
        "converted from mA, mAh and mWh; cycles are counted as Neware's software does by itself: "
        "each begins with the first charge after a discharge"
    )
    columns, restarts = counted_without_restarts(columns)
    turned, told = charging_positive(columns)
    return [
        measured_record(
            "cycling",
            path,
            turned,
            units=units,
            instrument="Neware",
            notes=(*notes, *restarts, *told, *told_of_counters(turned)),
        )
    ]


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == _ZIP
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None


def _require_sound(path: Path) -> None:
    """Raises :class:`StorageError` for an archive that is damaged, or far larger inside."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = sum(member.file_size for member in archive.infolist())
            if inside > min(_MOST_BYTES, _MOST_GROWTH * path.stat().st_size):
                raise StorageError(
                    f"{path}: would unpack to {inside} bytes, far more than a measurement has"
                )
            if "data.ndc" not in archive.namelist():
                raise StorageError(f"{path}: the archive holds no data.ndc")
            broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise StorageError(
            f"{path}: the archive is damaged or breaks off ({error}); copy it anew"
        ) from None
    if broken:
        raise StorageError(f"{path}: {broken} in the archive is damaged; copy the file anew")


@contextmanager
def _guarded(path: Path, notes: list[str]) -> Iterator[None]:
    """Turns whatever the library raises into an error, what it says into notes."""
    log = logging.getLogger("fastnda")
    said = _Said()
    spread, log.propagate = log.propagate, False
    log.addHandler(said)
    # On import fastnda swaps zlib's functions for those of another library, for everybody.
    unpackers = zlib.decompress, zlib.decompressobj
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    except (SolithError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # polars panics with errors that are no Exception
        raise StorageError(
            f"{path}: cannot be read as a Neware file ({type(error).__name__}: {error})"
        ) from None
    finally:
        zlib.decompress, zlib.decompressobj = unpackers
        log.removeHandler(said)
        log.propagate = spread
    told = [*said.texts, *(str(warning.message) for warning in caught)]
    notes.extend(dict.fromkeys(f"fastnda: {text.split('. ')[0]}" for text in told))


class _Said(logging.Handler):
    """Keeps what a library logs as warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def _columns(path: Path, ending: str) -> tuple[dict[str, NDArray[Any]], dict[str, str], int | None]:
    """Columns under machine names, units that these do not name, the file's count of points."""
    try:
        import fastnda
    except ImportError:
        raise StorageError(
            f"{path}: is a Neware file, for which fastnda is needed; "
            "install it with: pip install 'solith[neware]'"
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        named = path
        if path.suffix.lower() != ending:  # fastnda goes by the name
            named = Path(folder) / f"data{ending}"
            shutil.copyfile(path, named)
        frame = fastnda.read(named)
        claimed = None
        if ending == ".nda":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                claimed = fastnda.read_metadata(named).get("num_datapoints")
    columns: dict[str, NDArray[Any]] = {}
    units: dict[str, str] = {}
    for name in frame.columns:
        if name == "step_type":
            steps = [str(step) if step is not None else "" for step in frame[name].to_list()]
            columns[name] = np.array(steps, dtype=object)
            continue
        values = np.asarray(frame[name].to_numpy(), dtype=float)
        if name in _NET:
            charging, discharging = np.maximum(values, 0.0), np.maximum(-values, 0.0)
            columns[f"charging_{_NET[name]}"] = 1e-3 * charging
            columns[f"discharging_{_NET[name]}"] = 1e-3 * discharging
        else:
            machine, factor = _NUMBERS.get(name) or _auxiliary(name, units)
            columns[machine] = factor * values
    return columns, units, claimed if isinstance(claimed, int) else None


def _auxiliary(name: str, units: dict[str, str]) -> tuple[str, float]:
    """The machine name of a channel and the factor into its unit.

    "aux2_temperature_degC" is "auxiliary_2_temperature_celsius"; a unit that no word stands
    for goes into ``units``.
    """
    words, _, unit = name.rpartition("_")
    words = re.sub(r"^aux(?=\d)", "auxiliary_", re.sub(r"^aux(?=_)", "auxiliary", words))
    if unit in _WORDS:
        word, factor = _WORDS[unit]
        return f"{words}_{word}".lower(), factor
    units[f"{words}_{unit}".lower()] = unit
    return f"{words}_{unit}".lower(), 1.0


def _gaps(numbers: NDArray[np.float64], claimed: int | None, *, zipped: bool) -> list[str]:
    """Notes on points that are missing."""
    notes = []
    steps = np.diff(numbers)
    if np.any(steps != 1):
        notes.append(f"the points are not numbered without gaps: {int(np.sum(steps != 1))} jumps")
    if claimed is not None and claimed != len(numbers):
        notes.append(f"the file says that it has {claimed} points; {len(numbers)} were found")
    if claimed is None and not zipped:
        notes.append("the file does not say how many points it has; it may break off at its end")
    return notes
