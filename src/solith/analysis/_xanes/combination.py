"""Amounts of reference spectra and their shifts that make up measured rows, by least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._least_squares import minimise
from solith.analysis._neighbours import neighbour_correlation, neighbour_widening
from solith.core.errors import InputError
from solith.core.intervals import widening_95

__all__ = ["FURTHEST", "Combination", "MixtureProblem"]

Array = NDArray[np.float64]

FURTHEST = 2.0
"""How far a reference may be moved [eV]."""

_DEPENDENT = 1e-8  # least over largest singular value of references that are told apart


@dataclass(frozen=True)
class Combination:
    """Amounts and shifts of references, and what they move by with the rows of the record.

    ``amounts_by_rows`` (references, rows) and ``moves_by_rows`` (references or 0, rows) are
    derivatives; ``variance`` is that of one row, ``factor`` what standard errors are
    multiplied by, so that 1.96 of them hold 95 %.
    """

    amounts: Array
    moves: Array | None
    amounts_by_rows: Array
    moves_by_rows: Array
    line: Array
    parts: Array
    residuals: Array
    freedom: int
    variance: float
    factor: float
    settled: bool


@dataclass(frozen=True)
class MixtureProblem:
    """Rows to fit (n,), references as splines, terms of a line (n, p); are amounts bound to one?"""

    energy: Array
    target: Array
    splines: list[Any]
    line: Array
    bound: bool

    def solved(self, moving: bool) -> Combination:
        """Least squares of the amounts, and of shifts if they may move.

        Raises :class:`InputError` for references of which one is made of the others.
        """
        count = len(self.splines)
        self._require_independent()
        moves, settled = self._moves() if moving else (np.zeros(count), True)
        parts = self._parts(moves)
        basis, offset = self._basis()
        design = np.column_stack([parts.T @ basis, self.line])
        found, *_ = np.linalg.lstsq(design, self.target - parts.T @ offset, rcond=None)
        size = basis.shape[1]
        amounts = basis @ found[:size] + offset
        line = self.line @ found[size:]
        jacobian = np.column_stack([design, *self._slopes(amounts, moves)]) if moving else design
        residuals = self.target - amounts @ parts - line
        freedom = len(residuals) - jacobian.shape[1]
        wider = neighbour_widening(neighbour_correlation(residuals), len(residuals))
        by_rows = np.linalg.pinv(jacobian)
        return Combination(
            amounts=amounts,
            moves=moves if moving else None,
            amounts_by_rows=basis @ by_rows[:size],
            moves_by_rows=by_rows[design.shape[1] :],
            line=line,
            parts=parts,
            residuals=residuals,
            freedom=freedom,
            variance=float(residuals @ residuals) / freedom,
            factor=float(np.sqrt(wider)) * widening_95(freedom),
            settled=settled,
        )

    def _require_independent(self) -> None:
        columns = np.column_stack([self._parts(np.zeros(len(self.splines))).T, self.line])
        lengths = np.linalg.norm(columns, axis=0)
        singular = np.linalg.svd(columns / np.where(lengths > 0, lengths, 1.0), compute_uv=False)
        if not singular[-1] > _DEPENDENT * singular[0]:
            raise InputError(
                "two references are the same, or one is made of the others (or is a line); leave "
                "one out",
                where="references",
            )

    def _basis(self) -> tuple[Array, Array]:
        """Amounts from one less where they are bound: the last is what the others leave of one."""
        count = len(self.splines)
        if not self.bound:
            return np.eye(count), np.zeros(count)
        return np.vstack([np.eye(count - 1), -np.ones(count - 1)]), np.eye(count)[-1]

    def _parts(self, moves: Array) -> Array:
        return np.array(
            [one(self.energy - move) for one, move in zip(self.splines, moves, strict=True)]
        )

    def _slopes(self, amounts: Array, moves: Array) -> list[Array]:
        """What the model changes by with each shift."""
        return [
            -amount * one(self.energy - move, 1)
            for one, move, amount in zip(self.splines, moves, amounts, strict=True)
        ]

    def _moves(self) -> tuple[Array, bool]:
        """The shifts [eV], each within the furthest, with which the amounts fit best."""
        basis, offset = self._basis()
        size, terms = basis.shape[1], self.line.shape[1]

        def function(point: Array) -> tuple[Array, Array]:
            moves = FURTHEST * np.tanh(point[size + terms :])
            amounts = basis @ point[:size] + offset
            parts = self._parts(moves)
            slopes = self._slopes(amounts, moves)
            bent = [
                slope * (FURTHEST - move**2 / FURTHEST)
                for slope, move in zip(slopes, moves, strict=True)
            ]
            residuals = amounts @ parts + self.line @ point[size : size + terms] - self.target
            return residuals, np.column_stack([parts.T @ basis, self.line, *bent])

        still = np.zeros(len(self.splines))
        design = np.column_stack([self._parts(still).T @ basis, self.line])
        begun, *_ = np.linalg.lstsq(design, self.target - self._parts(still).T @ offset, rcond=None)
        found = minimise(function, np.concatenate([begun, still]), tolerance=1e-4)
        return FURTHEST * np.tanh(found.point[size + terms :]), found.converged
