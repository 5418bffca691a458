"""What a DOI tells by itself."""

from __future__ import annotations

import re

__all__ = ["doi_in", "year_in"]

_DOI = re.compile(r"10\.\d{4,9}/[^\s;,|]+")
_CENTURY = 50

_FOUR_DIGITS = re.compile(
    r"^10\.(?:1016/j\.\w+|1038/\w+|1002/(?:[a-z]+|\(sici\)\S*?)|1006/jssc|2109/jcersj\w*)"
    r"[.\s]?((?:19|20)\d\d)"
)
_TWO_DIGITS = (
    re.compile(r"^10\.1016/s?\d{4}-\d{3}[\dx]\((\d\d)\)"),  # Elsevier, by the journal's number
    re.compile(r"^10\.(?:1007|1038)/s\d{5}-0(\d\d)-"),  # Springer and Nature
    re.compile(r"^10\.1149/2\.\d{3}(\d\d)\d\d[a-z]+$"),  # ECS: number, year, issue
    re.compile(r"^10\.1021/[a-z]{2}(9[6-9]|0[0-8])\d{4}[a-z0-9]$"),  # ACS before 2009
)
_ONE_DIGIT = (
    (re.compile(r"^10\.1021/[a-z]{2}([1-5])\d{5}[a-z0-9]$"), 2009),  # ACS, 2010 to 2014
    # ACS since 2015: acs.chemmater.8b00266 is of 2018, 0c01028 of 2020.
    (re.compile(r"^10\.1021/(?:acs\w*\.)?\w+\.(\d)b\d{5}"), 2010),
    (re.compile(r"^10\.1021/(?:acs\w*\.)?\w+\.(\d)c\d{5}"), 2020),
    (re.compile(r"^10\.1149/2\.\d{3}(\d)\d\d[a-z]+$"), 2010),  # ECS, one digit of the year
    # RSC: c6ta05439k is of 2016, d1ra03194e of 2021, a807007e of 1998.
    (re.compile(r"^10\.1039/a(\d)"), 1990),
    (re.compile(r"^10\.1039/b(\d)"), 2000),
    (re.compile(r"^10\.1039/c(\d)"), 2010),
    (re.compile(r"^10\.1039/d(\d)"), 2020),
)


def doi_in(text: str) -> str:
    """The first DOI in ``text``; empty if there is none."""
    found = _DOI.search(text)
    return found.group().rstrip(".)") if found else ""


def year_in(text: str) -> int | None:
    """The year that the first DOI in ``text`` carries; ``None`` if it carries none.

    It is the year of the manuscript's number: the publication may be of the next year.
    Known are the numbers of Elsevier, Springer, the RSC, the ACS, the ECS (its newer
    ones), and some of Wiley's and Nature's.
    """
    doi = doi_in(text).casefold()
    if found := _FOUR_DIGITS.match(doi):
        return int(found.group(1))
    for pattern in _TWO_DIGITS:
        if found := pattern.match(doi):
            year = int(found.group(1))
            return year + (1900 if year >= _CENTURY else 2000)
    for pattern, decade in _ONE_DIGIT:
        if found := pattern.match(doi):
            return decade + int(found.group(1))
    return None
