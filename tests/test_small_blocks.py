"""Linear algebra in small blocks is that of numpy, on one thread."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from solith.analysis._impedance.small_blocks import gram, inverse_factor, product


@settings(deadline=None, max_examples=30)
@given(size=st.integers(1, 170), rows=st.integers(1, 300), seed=st.integers(0, 1000))
def test_products_and_factors_are_those_of_numpy(size: int, rows: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    columns = draw.normal(size=(rows, size))
    assert_allclose(gram(columns), columns.T @ columns, rtol=1e-9, atol=1e-9)
    right = draw.normal(size=(size, 7))
    assert_allclose(product(columns, right), columns @ right, rtol=1e-9, atol=1e-9)
    matrix = columns.T @ columns + np.eye(size)
    factor = inverse_factor(matrix)
    assert np.array_equal(factor, np.tril(factor))
    assert_allclose(factor @ matrix @ factor.T, np.eye(size), rtol=0, atol=1e-8)


@pytest.mark.parametrize("size", [3, 100])
def test_what_is_not_positive_definite_has_no_factor(size: int) -> None:
    matrix = np.eye(size)
    matrix[-1, -1] = -1.0
    with pytest.raises(np.linalg.LinAlgError):
        inverse_factor(matrix)


def test_no_pool_of_threads_is_started() -> None:
    columns = np.random.default_rng(0).normal(size=(160, 120))
    shares = []
    for _ in range(3):
        time.sleep(0.1)  # what other threads still do
        process, thread = time.process_time(), time.thread_time()
        for _ in range(50):
            factor = inverse_factor(gram(columns))
            product(columns, factor)
        shares.append((time.process_time() - process) / (time.thread_time() - thread))
    assert min(shares) < 1.2, shares
