"""Small valid files of every format, made by hand: what tests and validation start from."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from tests.biologic_builders import IMPEDANCE, MPT_VALUES, mpr, mpt, sweep
from tests.map_seeds import map_seeds

from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.storage import write_record

__all__ = [
    "ARBIN",
    "CHI",
    "GAMRY",
    "GAMRY_CURVE",
    "GAMRY_SPECTRUM",
    "MACCOR_ABOVE",
    "MACCOR_HEAD",
    "MACCOR_MORE",
    "MACCOR_POINTS",
    "NEWARE",
    "NEWARE_ROWS",
    "VERSA",
    "made_seeds",
    "mixed_parquet_bytes",
    "nda",
    "ndax_members",
    "netcdf_bytes",
    "parquet_bytes",
    "vamas",
    "zipped",
]


def vamas(scan: str, *, blocks: int = 1, listed: int = 0, rows: int = 5) -> str:
    """A VAMAS file of equal blocks; with ``listed`` of -1 later ones leave out the comment."""
    head = [
        "VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4",
        *["Not Specified"] * 4,
        *("1", "a comment", "NORM", scan, "1", "1", "Exp Variable", "d"),
        *(("0",) if not listed else ("-1", "8")),
        *("0", "0", "0", str(blocks)),
    ]
    regular = scan == "REGULAR"
    for number in range(blocks):
        head += [f"S 2p {number}", "pellet", *("2024", "5", "6", "7", "8", "9", "0")]
        if not listed or not number:
            head += ["1", _CASA]
        head += ["XPS", str(number), "Al", "1486.6", *["1e+037"] * 5, "FAT", "20", "1", "4.3"]
        head += [*["0"] * 5, "S", "2p", "-1"]
        if regular:
            head += ["Kinetic Energy", "eV", "1320.5", "0.5"]
        names = [*(() if regular else (("Kinetic Energy", "eV"),)), ("Intensity", "d")]
        names.append(("transmission", "d"))
        head += [str(len(names)), *(text for pair in names for text in pair)]
        head += ["pulse counting", "0.5", "4", "0", "0", "0", "0", "1", "MFP Exponent", "d", "0"]
        head += [str(len(names) * rows), *["0", "1"] * len(names)]
        for row in range(rows):
            head += [] if regular else [str(1320.5 + 0.5 * row)]
            head += [str(100 + 10 * row + number), "2.5"]
    return "\n".join([*head, "end of experiment", ""])


_CASA = "CASA region (*S 2p*) (*Shirley*) 1320 1324 0.67 2 0 0 (*S 2p*) 32.065 0 0.67"

XRDML = """\
<?xml version="1.0" encoding="UTF-8"?>
<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/1.5" status="Completed">
<sample type="To be analyzed"><id>A1</id></sample>
<xrdMeasurement measurementType="Scan" status="Completed">
<usedWavelength intended="K-Alpha 1"><kAlpha1 unit="Angstrom">1.5405980</kAlpha1>
<kAlpha2 unit="Angstrom">1.5444260</kAlpha2>
<ratioKAlpha2KAlpha1>0.5000</ratioKAlpha2KAlpha1></usedWavelength>
<scan mode="Continuous" scanAxis="Gonio"><dataPoints>
<positions axis="2Theta" unit="deg"><startPosition>30.0</startPosition>
<endPosition>30.5</endPosition></positions>
<commonCountingTime unit="seconds">0.440</commonCountingTime>
<intensities unit="counts">8 11 6 10 10 7</intensities></dataPoints></scan>
</xrdMeasurement></xrdMeasurements>
"""
XRDML_LISTED = """\
<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/2.1"><xrdMeasurement>
<scan scanAxis="2Theta"><dataPoints><positions axis="2Theta" unit="deg">
<listPositions>30 30.1 30.3</listPositions></positions>
<beamAttenuationFactors>1 10 10</beamAttenuationFactors>
<counts unit="counts">8 11 6</counts></dataPoints></scan>
<scan scanAxis="Omega"><dataPoints><positions axis="Omega" unit="deg">
<startPosition>1</startPosition><endPosition>2</endPosition></positions>
<intensities unit="cps">8 11 6</intensities></dataPoints></scan>
</xrdMeasurement></xrdMeasurements>
"""
UXD = """\
; made by hand
_FILEVERSION=2
_SAMPLE='A1'
_WL_UNIT='A'
_WL1=1.540600
_WL2=1.544390
_WLRATIO=0.500000
; (Data for Range number 1)
_DRIVE='COUPLED'
_STEPTIME=0.500000
_STEPSIZE=0.02
_START=3.0
_2THETACOUNTS
3.000\t187
3.020\t183
3.040\t178
"""
UXD_COUNTS = """\
_FILEVERSION=2
; (Data for Range number 1)
_DRIVE='COUPLED'
_STEPSIZE=0.02
_START=3.0
_COUNTS
  187  183 178
  190
; (Data for Range number 2)
_DRIVE='THETA'
_START=5.0
_CPS
1.5 2.5
"""
ANGLES_AND_TEMPERATURES = (
    "2theta (deg),Intensity (counts)\n10,5\n10.1,7\n10.2,6\n",
    "# a pattern\n2Theta\tI\n10.0\t5.5\n10.1\t7\n",
    "##Temp./°C;Time/min;DSC/(mW/mg);Mass/%\n30,5;0,1;0,01;100\n31;0,2;0,02;99,9\n",
    "Temperature (K),Heat Flow (W/g)\n300,0.1\n301,0.2\n",
)

SPECS_XY = """\
# Created by:        SpecsLab Prodigy, Version 4.100.1
#
# XY-Serializer Export Settings:
#   Energy Axis:              Binding Energy
#   Count Rate:               Counts per Second
#   Separate Scan Data:       yes
#
# Group:                        1 as-loaded
#
# Region:                       S2p
# Analyzer:                     Phoibos
# Dwell Time:                   0.1
# Excitation Energy:            1486.61
# Values/Curve:                 3
# Eff. Workfunction:            4.1

# Cycle: 0
#
# Number of Scans: 1

# Cycle: 0, Curve: 0, Scan: 0
#
# ColumnLabels:                 energy counts/s
#
170  100.5
169.9  110
169.8  105
# Cycle: 0, Curve: 0, Scan: 1
# ColumnLabels:                 energy counts/s
170  101
169.9  111
169.8  106
"""

PHOTOELECTRONS = (
    "Binding Energy (eV),Counts\n170,100\n169.9,120\n169.8,110\n",
    "Cycle 0:S2p\n\tCharacteristic Energy eV\t1.486610e+003\tAcquisition Time s\t2.0\n"
    "K.E.\tCounts\tS 2p\tBackground\t\tB.E.\tCPS\tS 2p\tBackground CPS\n"
    "1316.61\t200\t110\t90\t\t170\t100\t55\t45\n1316.71\t210\t111\t91\t\t169.9\t105\t56\t46\n",
)


def made_seeds() -> dict[str, tuple[bytes, ...]]:
    """For each reader, by the name of its module, files that it reads."""
    curves = GAMRY_CURVE.format(1, 2, 3, number=1) + GAMRY_CURVE.format(4, 5, 6, number=2)
    texts = {
        "arbin": (f"{ARBIN}\n1,a,1,1,1,1,0.1,3.5,0,0,0.01,0.05,25,10\n",),
        "autolab": (AUTOLAB,),
        "bdf": tuple(BDF),
        "chinstruments": (
            CHI.format(technique="Cyclic Voltammetry", heading=_CH_SWEEP[0], rows=_CH_SWEEP[1]),
            CHI.format(technique="A.C. Impedance", heading=_CH_ARC[0], rows=_CH_ARC[1]),
        ),
        "gamry": (
            GAMRY.format(tag="CV", tables=curves),
            GAMRY.format(tag="EISPOT", tables=GAMRY_SPECTRUM),
        ),
        "biologic_mpt": (
            mpt(more=["Loop 0 from point number 0 to 1"]),
            mpt(("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm"), _ARC),
            mpt(rows=[*MPT_VALUES, *MPT_VALUES]).replace(".", ","),
        ),
        "maccor": ("\n".join((*MACCOR_ABOVE, MACCOR_HEAD + MACCOR_MORE, *MACCOR_POINTS, "")),),
        "neware_csv": ("\n".join((NEWARE, *NEWARE_ROWS, "")),),
        "parstat": (PARSTAT,),
        "powersuite": (POWERSUITE,),
        "photoelectron_table": tuple(PHOTOELECTRONS),
        "specs_xy": (SPECS_XY,),
        "table": tuple(TABLES),
        "vamas": (
            vamas("REGULAR"),
            vamas("IRREGULAR", blocks=2),
            vamas("REGULAR", blocks=2, listed=-1),
        ),
        "versastudio": (VERSA,),
        "xdi": tuple(XDI),
        "absorption_table": tuple(ABSORPTION),
        "xrdml": (XRDML, XRDML_LISTED),
        "uxd": (UXD, UXD_COUNTS),
        "angle_temperature_table": tuple(ANGLES_AND_TEMPERATURES),
        "zplot": (ZPLOT,),
    }
    spectra = [*sweep([9, 3, 1]), *sweep([9, 3])]
    binary = {
        "biologic_mpr": (
            mpr((1, 131, 4, 7, 6, 5), [[7, 0, n, 0.1, 3, 1] for n in range(5)], loops=(0, 2)),
            mpr((1, 131, 4, 6, 70), [[7, 0, n, 3, 1] for n in range(3)], version=0),
            mpr((4, 6, 8, 39), [[n, 3, 1, 4] for n in range(3)], technique=0x06, version=2),
            mpr(IMPEDANCE, spectra, technique=0x1D, loops=(0, 3)),
        ),
        "bdf_parquet": (parquet_bytes(), mixed_parquet_bytes()),
        "netcdf": (netcdf_bytes(_CURVE), netcdf_bytes(_STEPS), netcdf_bytes(_MAP)),
        "neware": (nda(), zipped(ndax_members())),
    }
    encoded = {name: tuple(map(str.encode, given)) for name, given in texts.items()}
    return {**encoded, **binary, **map_seeds()}


MACCOR_HEAD = (
    "Rec#\tCyc#\tStep\tTestTime\tStepTime\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time"
)
MACCOR_MORE = "\tACImp/Ohms\tDCIR/Ohms\tAux #1\t Units\tAux #2\t Units\tVAR1"
MACCOR_ABOVE = (
    "Today's Date:\t14 December 2020\tDate of Test:\t11 December 2020, 12:22:12 PM",
    "    Filename:\tcell_01\tTester Channel:\t1",
    "Procedure:\tprocedure.000\tDescription:\t10 mg, 2 cm2",
)
MACCOR_POINTS = (
    "1\t0\t1\t  0d 00:00:0\t  0d 00:00:0\t0\t0\t0\t3.4\tR\t0\t12/11/2020 12:22:12"
    "\t0\t0\t25.5\t  C \t14.5\t psi \t1",
    "2\t0\t2\t  0d 00:00:5.25\t  0d 00:00:0.25\t0.5\t1\t2\t3.3\tD\t0\t12/11/2020 12:22:17"
    "\t0\t0.25\t26\t  C \t14.5\t psi \t2",
    "3\t1\t3\t  1d 02:00:1\t  1d 01:59:56\t0.25\t1\t1\t3.5\tC\t129\t12/12/2020 14:22:17"
    "\t0.5\t0\t-300\t  C \t14.5\t psi \t3",
)
NEWARE = (
    "DataPoint,Cycle Index,Step Index,Step Type,Time,Cumulative Time,Current(mA),Voltage(V),"
    "Capacity(mAh),Spec. Cap.(mAh/g),Chg. Cap.(mAh),DChg. Cap.(mAh),Date,Contact resistance(mO),"
    "Temperature(℃),Switch,"
)
NEWARE_ROWS = (
    "1,1,1,CC Chg,00:00:00,00:00:00,2,3.1,0,9,0,0,2022-05-18 16:27:52,1,25,Close,",
    "2,1,1,CC Chg,00:01:00.5,144:01:00.5,2,3.2,1,9,1,0,2022-05-18 16:28:52,1,26,Close,",
    "3,1,2,CC DChg,00:00:00,144:01:00.5,-2,3.1,0,9,0,0,2022-05-18 16:28:52,1,27,Close,",
    "4,1,2,CC DChg,00:00:30,144:01:30.5,-2,3.0,1,9,0,1,2022-05-18 16:29:22,1,28,Close,",
)
ARBIN = (
    "Data_Point,Date_Time,Test_Time(s),Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),"
    "Charge_Capacity(Ah),Discharge_Capacity(Ah),dV/dt(V/s),Internal_Resistance(Ohm),"
    "Temperature (C)_1,Aux_Pressure_1(PSI)"
)
GAMRY = """EXPLAIN
TAG\t{tag}
PSTAT\tPSTAT\tIFC1010-1\tPotentiostat
{tables}"""
GAMRY_CURVE = """CURVE{number}\tTABLE\t3
\tPt\tT\tVf\tIm\tOver\tTemp
\t#\ts\tV vs. Ref.\tA\tbits\tdeg C
\t0\t{0}\t2.0E+000\t1.0E-006\t..a\t25.5
\t1\t{1}\t2.1E+000\t2.0E-006\t..a\t25.5
\t2\t{2}\t2.0E+000\t-1.0E-006\t..a\t25.5
"""
CHI = """Feb. 20, 2020   15:55:08
{technique}
File: x.bin
Data Source:  Experiment
Instrument Model:  CHI660E

Scan Rate (V/s) = 0.05

{heading}

{rows}
"""
VERSA = """<Application>
Name=VersaStudio
</Application>

<Action0>
Segments=0
Name=Common
</Action0>

<Action1>
Segments=1
Name=Open Circuit
</Action1>

<Action2>
Segments=2
Name=Cyclic Voltammetry
</Action2>

<Action3>
Segments=1
Name=Potentiostatic EIS
</Action3>

<Segment1>
Type=2
Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz), Z Real, Z Imag, 0
0,0,3.0,0,1,0,0,0
0,1,3.0,0,2,0,0,0
1,0,3.0,1e-6,3,0,0,0
1,1,3.1,2e-6,4,0,0,0
2,0,3.1,-1e-6,5,0,0,0
3,0,3.0,0,7,1000,10,-1
3,1,3.0,0,8,100,12,-4
3,2,3.0,0,9,10,20,-8
3,0,3.0,0,10,1000,11,-1
3,1,3.0,0,11,100,13,-4
3,2,3.0,0,12,10,21,-8
</Segment1>
"""

AUTOLAB = """"Z60W Data File: Version 1.1"
""
""
""
""
""
""
""
0,2,0,1,0.1,10000
5
"  Freq (Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range"
10000,0,0,0,10.5,-1.5,0,0,0
1000,0,0,0,20.5,-9.5,0,0,0
100,0,0,0,60,-40,0,0,0
10,0,0,0,100,-12,0,0,0
1,0,0,0,110,-2,0,0,0
"""
PARSTAT = """Potential (V)\tCurrent (A)\tElapsed Time (s)\tFrequency (Hz)\tZre (ohms)\tZim (ohms)
3.5\t-0.15\t10\t0\t0\t0
3.4\t-0.15\t20\t0\t0\t0
3.4\t0.01\t30\t1000\t0.026\t-0.004
3.4\t0.01\t31\t100\t0.036\t-0.014
3.4\t0.01\t32\t10\t0.066\t-0.009
"""
POWERSUITE = """Frequency\t Zre\t Zimg
0.1\t 423929.46\t -49014.063
10\t 310000\t -41207.904
1000\t 10855.3\t -38609.417
"""
ZPLOT = """ZPLOT2 ASCII
  Experiment Type:            Sweep Frequency, Control Voltage
  Surface Area:               1.5
  Data Points:                4
End Comments
1.0E+05\t0\t0\t1.0\t12\t-3.4\t0\t0\t1
1.0E+04\t0\t0\t2.0\t22\t-5.4\t0\t0\t1
1.0E+03\t0\t0\t3.0\t42\t-15.4\t0\t0\t1
1.0E+05\t0\t0\t4.0\t12\t-3.4\t0\t0\t1
"""
GAMRY_SPECTRUM = """ZCURVE\tTABLE
\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod\tZphz\tIdc\tVdc\tIERange
\t#\ts\tHz\tohm\tohm\tV\tohm\t°\tA\tV\t#
\t0\t2\t200015.6\t825.8\t-1367.2\t1\t1597\t-58.8\t-5.8E-006\t-5E-002\t9
\t1\t4\t2000.6\t1825.8\t-367.2\t1\t1862\t-11.3\t-5.8E-006\t-5E-002\t9
\t2\t6\t20.6\t1925.8\t-67.2\t1\t1927\t-1.9\t-5.8E-006\t-5E-002\t9
"""
BDF = (
    "Test Time / min,Voltage / mV,Current / mA,Cycle Count / 1,Surface Temperature / K\n"
    "0,3000,1,1,298.15\n1,3100,,1,299.15\n2,3200,-1,2,299.15\n",
    "test_time_second,voltage_volt,current_ampere,step_type,frequency_hertz,real_impedance_ohm,"
    "imaginary_impedance_ohm\n0,3,1,charge,,,\n1,3,1,charge,,,\n2,3,0,eis,100,1,-1\n"
    "3,3,0,eis,10,2,-1\n4,3,-1,discharge,,,\n",
)
TABLES = (
    "Sample: A1\nOperator; nobody\n\nf;Re Z;-Im Z;T\nkHz;mOhm;mOhm;K\n"
    "100,5;10,5;1,5;298,15\n10,5;20,5;9,5;298,15\n1,5;60;40;298,15\n0,1;100;12;298,15\n",
    "# Freq (Hz)  |Z| (ohm)   Phase (deg)\n1e5   10.5   -1.5\n1e4   20.5   -9.5\n1e3   60   -40\n",
    "Time(h)\tEwe (V vs. Li/Li+)\t<I>/mA\tCharge Capacity (mAh)\tp / MPa\tMode\n"
    "0\t3.5\t1.5\t0\t50\tCC\n0.5\t3.6\t1.5\t0.75\t51\tCC\n1\t3.4\t-1.5\t0.75\t50\tCD\n",
    "100000,10.5,-1.5\n10000,20.5,-9.5\n1000,60,-40\n100,90,-20\n10,100,-12\n1,101,-2\n",
    "Voltage (V),Current (A)\n0,0\n0.1,1e-6\n0.2,2e-6\n",
)

_ROWS = "".join(
    f"{2450 + 2 * n:.1f}  {5 + n % 3 + 40 * (n > 10)}  {100 + n % 2}  {90 - 30 * (n > 10)}\n"
    for n in range(24)
)
XDI = (
    "# XDI/1.0 GSE/1.0\n# Column.1: energy eV\n# Column.2: ifluor\n# Column.3: i0\n"
    "# Column.4: itrans\n# Element.symbol: S\n# Element.edge: K\n# Mono.d_spacing: 3.13477\n"
    "# Scan.start_time: 2013-07-29 20:41:01\n# ///\n# a comment: of the user\n# ---\n"
    f"# energy ifluor i0 itrans\n{_ROWS}",
    "#XDI/1.0\n# Column.1: angle degrees\n# Column.2: mutrans\n# Column.3: irefer\n"
    "# Mono.d_spacing: 3.13477\n#---\n"
    + "".join(f"{53 - 0.05 * n:.2f} {0.1 + (n > 10)} 7\n" for n in range(24)),
)
ABSORPTION = (
    f"# exported by hand\n# Energy (eV)  I_fluor  I0  I_trans\n{_ROWS}",
    "Energy_keV;xmu\n"
    + "".join(f"{8.3 + n / 1000:.3f};{0.2 + (n > 12)}\n".replace(".", ",") for n in range(24)),
    "".join(f"{2450 + n},{0.1 + (n > 12)}\n" for n in range(30)),
)

_CH_SWEEP = (
    "Potential/V, Current/A",
    "0.000, -1.0e-6\n0.005, -2.0e-6\n0.010, -3.0e-6\n0.005, 2.5e-6\n0.000, 2.0e-6",
)
_CH_ARC = (
    "Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg",
    "9.961e+4, 9.891e+1, -2.748e+0, 9.894e+1, -1.6\n1.211e+4, 1.012e+2, -7.081e+0, 1.015e+2, -4.0"
    "\n1.211e+2, 2.012e+2, -17.081e+0, 2.015e+2, -4.9",
)
_ARC = ((9000, 10, 2), (300, 30, 22), (10, 60, 5), (9000, 10, 2), (300, 31, 22))


_CURVE = Record.from_arrays(
    "current-voltage", voltage_volt=[0, 1], current_ampere=[0, 2], attributes={"steps": ["a"]}
)
_MAP = Record.from_arrays(
    "map", height_metre=[[1, 2], [3, 4]], attributes={"pixel_size_x_metre": 1e-9}
)
_STEPS = Record.from_arrays(
    "cycling",
    provenance=Provenance("measured", notes=("made by hand",)),
    test_time_second=[0, 1, 2],
    voltage_volt=[3, 3.1, 3],
    current_ampere=[1, 1, -1],
)
_STEPS.data["step_type"] = ("row", np.array(["CC", "µ", ""], dtype=object))


def parquet_bytes() -> bytes:
    """The smallest table of the Battery Data Format."""
    import pyarrow
    import pyarrow.parquet as parquet

    made = io.BytesIO()
    parquet.write_table(
        pyarrow.table({name: [1.0] for name in ("Test Time / s", "Voltage / V", "Current / A")}),
        made,
    )
    return made.getvalue()


def mixed_parquet_bytes() -> bytes:
    """A table with columns of many types, some of whose values are null."""
    import datetime

    import pyarrow
    import pyarrow.parquet as parquet

    made = io.BytesIO()
    parquet.write_table(
        pyarrow.table(
            {
                "test_time_second": pyarrow.array([0.0, 60.0, 120.0], pyarrow.float32()),
                "Voltage / mV": [3000, None, 3100],
                "current_ampere": pyarrow.array([2, 2, -1], pyarrow.int64()).dictionary_encode(),
                "Step Type": ["charge", None, "discharge"],
                "Cycle Count / 1": pyarrow.array([1, 1, 1], pyarrow.uint8()),
                "date_time": [datetime.datetime(2024, 4, 3, 1, 2, n) for n in range(3)],
                "paused": [True, False, None],
                "remarks": [["a"], [], None],
            }
        ),
        made,
    )
    return made.getvalue()


def netcdf_bytes(record: Record) -> bytes:
    """A record as solith stores it."""
    with tempfile.TemporaryDirectory() as folder:
        write_record(Path(folder) / "a.nc", record)
        return (Path(folder) / "a.nc").read_bytes()


def nda() -> bytes:
    """A Neware file of version 5: a header that points to rows of 59 bytes each."""
    header = bytearray(b"NEWARE20240403".ljust(300, b"\0"))
    header[14] = 5
    struct.pack_into("<I", header, 16, 200)  # where the block with the current range begins
    struct.pack_into("<i", header, 200 + 26, 100)
    rows = b"".join(
        struct.pack("<BIIBBIii8xqqQ4x", 0, n + 1, 0, step, kind, n, 35000 + n, amperes, n, n, 10**9)
        for n, (step, kind, amperes) in enumerate([(1, 4, 0), (2, 1, 50), (2, 1, 50), (3, 2, -50)])
    )
    struct.pack_into("<II", header, 64, len(header), len(rows))
    return bytes(header) + rows


def ndax_members() -> dict[str, bytes]:
    """What is inside a Neware archive of version 2: one member with records of 512 bytes."""
    record = struct.Struct("<8xIIBB5xQii4xqqqqHBBBBBi8x")
    points = [(1, 4, 0), (2, 1, 50), (2, 1, 50), (3, 2, -50)]
    rows = b"".join(
        record.pack(
            n + 1, 0, step, kind, 1000 * n, 35000 + n, amperes, n, n, n, n, 2024, 4, 3, 1, 2, n, 100
        )
        for n, (step, kind, amperes) in enumerate(points)
    )
    header = bytes([1, 0, 2]).ljust(512, b"\0")
    return {"data.ndc": header + (bytes(5) + rows).ljust(512, b"\0"), "VersionInfo.xml": b"<a/>"}


def zipped(members: dict[str, bytes]) -> bytes:
    """The members as a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()
