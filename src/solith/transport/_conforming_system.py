"""Finite elements on a broken mesh, coupled across boundaries by zero-thickness elements.

Weak form: sum over pieces of int k grad u . grad v + sum over boundaries of int [u] [v] / r, with
the jump [u] and the area resistance r, as for an imperfect interface (Hashin 2001, J. Appl. Phys.
89, 2261, recalled). Where r is zero the nodes are one. Elements of order 1 and 2 from scikit-fem:
Gustafsson and McBain 2020, https://doi.org/10.21105/joss.02369.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.transport._conforming_mesh import BrokenMesh, Joint

__all__ = ["System", "Trace", "build_system", "solve_system", "trace_mass"]

Array = NDArray[Any]
Sparse = Any

_TOLERANCE = 1e-12
_MOST = 3000


@dataclass(frozen=True, eq=False)
class Trace:
    """Values of facets at a joint: ``nodes`` (facets, values) in the system, ``corners`` (facets,
    dimensions, dimensions) their points, ``measures`` their lengths or areas."""

    joint: Joint
    nodes: Array
    corners: Array
    measures: Array


@dataclass(frozen=True, eq=False)
class System:
    """``grains``, ``layers``, ``boundaries`` and ``interfaces`` [S, per m in two dimensions] are
    matrices whose sum is the system's; ``places`` (n, dimensions) where its values are; ``owned``
    has a row for each value and a column for each piece that it is in."""

    places: Array
    grains: Sparse
    layers: Sparse
    boundaries: Sparse
    interfaces: Sparse
    traces: tuple[Trace, ...]
    owned: Sparse

    @property
    def whole(self) -> Sparse:
        """The sum of the four."""
        return self.grains + self.layers + self.boundaries + self.interfaces


def build_system(
    mesh: BrokenMesh, conductivities: Array, resistances: Array, order: int, grains: Array
) -> System:
    """Matrices from the conductivity [S/m] of each piece and the resistance [ohm m2] of each joint.

    ``grains``: the grain of each piece, negative for a layer.
    """
    from scipy.sparse import coo_array

    fem = _scikit_fem()
    dimensions = mesh.points.shape[1]
    kind = fem.MeshTri if dimensions == 2 else fem.MeshTet
    element = {
        (2, 1): fem.ElementTriP1,
        (2, 2): fem.ElementTriP2,
        (3, 1): fem.ElementTetP1,
        (3, 2): fem.ElementTetP2,
    }[dimensions, order]()
    basis = fem.Basis(
        kind(np.ascontiguousarray(mesh.points.T), np.ascontiguousarray(mesh.simplices.T)), element
    )
    traces = [_trace(basis, mesh, joint, order) for joint in mesh.joints]
    label, count = _one_value_each(basis.N, traces, resistances)
    layer = grains[mesh.pieces] < 0
    inner = conductivities[mesh.pieces]
    stiffness = [
        _joined(_stiffness(fem, basis, np.where(mask, inner, 0.0)), label, count)
        for mask in (~layer, layer)
    ]
    jumps = [
        _joined(
            _jumps(
                [
                    (here, there, _measures(mesh.points[joint.here]), resistance)
                    for joint, (here, there), resistance in zip(
                        mesh.joints, traces, resistances, strict=True
                    )
                    if there is not None
                    and resistance > 0
                    and (min(grains[joint.piece], grains[joint.other]) < 0) == with_layer
                ],
                basis.N,
                order,
                dimensions,
            ),
            label,
            count,
        )
        for with_layer in (False, True)
    ]
    places = np.empty((count, dimensions))
    places[label] = basis.doflocs.T
    rows = label[basis.element_dofs].T.ravel()
    columns = np.repeat(mesh.pieces, len(basis.element_dofs))
    owned = coo_array((np.ones(len(rows)), (rows, columns)), (count, len(grains))).tocsc()
    owned.data[:] = 1.0
    kept = tuple(
        Trace(joint, label[here], mesh.points[joint.here], _measures(mesh.points[joint.here]))
        for joint, (here, _) in zip(mesh.joints, traces, strict=True)
        if joint.other < 0
    )
    inside, layers = stiffness
    boundaries, interfaces = jumps
    return System(places, inside, layers, boundaries, interfaces, kept, owned)


def trace_mass(order: int, dimensions: int) -> Array:
    """int v_i v_j over a facet of measure 1, values at corners, then at the middles of edges."""
    corners = _facet_edges(dimensions)
    d = dimensions - 1
    # Polynomials in barycentric coordinates, as rows of exponents with factors.
    unit = np.eye(d + 1, dtype=int)
    if order == 1:
        values = [[(1.0, unit[i])] for i in range(d + 1)]
    else:
        values = [[(2.0, 2 * unit[i]), (-1.0, unit[i])] for i in range(d + 1)]
        values += [[(4.0, unit[i] + unit[j])] for i, j in corners]

    def integral(powers: Array) -> float:
        top = factorial(d) * np.prod([factorial(int(p)) for p in powers])
        return float(top / factorial(d + int(powers.sum())))

    return np.array(
        [
            [sum(a * b * integral(p + q) for a, p in one for b, q in other) for other in values]
            for one in values
        ]
    )


def solve_system(system: System, known: Array, values: Array) -> tuple[Array, int]:
    """All values, those of the numbers ``known`` given; and the iterations it took.

    Conjugate gradients; every piece is solved with what touches it, values beyond held, and the
    means of the pieces together (two-level additive Schwarz).
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import LinearOperator, cg, splu

    whole = system.whole.tocsr()
    free = np.setdiff1d(np.arange(whole.shape[0]), known)
    found = np.zeros(whole.shape[0])
    found[known] = values
    matrix = whole[free][:, free]
    right = -(whole[free][:, known] @ values)
    owned = system.owned[free]
    reach = (system.owned + abs(system.boundaries + system.interfaces) @ system.owned)[free].tocsc()
    blocks = []
    for piece in range(owned.shape[1]):
        mine = reach.indices[reach.indptr[piece] : reach.indptr[piece + 1]]
        if len(mine):
            block = matrix[mine][:, mine].tocsc()
            blocks.append((mine, splu(block, **_SYMMETRIC)))
    shared = diags_array(1 / np.asarray(owned.sum(axis=1)).ravel()) @ owned
    coarse = splu((shared.T @ matrix @ shared).tocsc())

    def nearly(rest: Array) -> Array:
        rest = rest.ravel()
        better = shared @ coarse.solve(shared.T @ rest)
        for mine, block in blocks:
            better[mine] += block.solve(rest[mine])
        return np.asarray(better)

    steps: list[int] = []
    solution, failed = cg(
        matrix,
        right,
        rtol=_TOLERANCE,
        maxiter=_MOST,
        M=LinearOperator(matrix.shape, matvec=nearly, dtype=np.float64),
        callback=lambda _: steps.append(1),
    )
    if failed:
        raise ConvergenceError(f"the conforming solution is not found in {_MOST} iterations")
    found[free] = solution
    return found, len(steps)


_SYMMETRIC: dict[str, Any] = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.0,
    "options": {"SymmetricMode": True},
}


def _scikit_fem() -> Any:
    try:
        import skfem
    except ImportError:
        raise InputError(
            "the conforming solution needs scikit-fem; install it with: pip install 'solith[fem]'"
        ) from None
    return skfem


def _stiffness(fem: Any, basis: Any, conductivity: Array) -> Sparse:
    @fem.BilinearForm
    def form(u: Any, v: Any, w: Any) -> Any:
        return w.k * sum(a * b for a, b in zip(u.grad, v.grad, strict=True))

    k = np.repeat(conductivity[:, None], basis.X.shape[1], axis=1)
    return form.assemble(basis, k=k)


def _jumps(
    joints: list[tuple[Array, Array, Array, float]], count: int, order: int, dimensions: int
) -> Sparse:
    """int [u] [v] / r over all joints: values on both sides, measures, resistances."""
    from scipy.sparse import coo_array

    mass = trace_mass(order, dimensions)
    both = np.block([[mass, -mass], [-mass, mass]])
    rows, columns, entries = [np.empty(0, int)], [np.empty(0, int)], [np.empty(0)]
    for here, there, measures, resistance in joints:
        nodes = np.hstack([here, there])
        rows.append(np.repeat(nodes, nodes.shape[1], axis=1).ravel())
        columns.append(np.tile(nodes, nodes.shape[1]).ravel())
        entries.append(((measures / resistance)[:, None, None] * both).ravel())
    entry = np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))
    return coo_array(entry, (count, count)).tocsr()


def _joined(matrix: Sparse, label: Array, count: int) -> Sparse:
    """The matrix of the values that are one."""
    from scipy.sparse import coo_array

    entries = matrix.tocoo()
    return coo_array(
        (entries.data, (label[entries.row], label[entries.col])), (count, count)
    ).tocsr()


def _one_value_each(
    count: int, traces: list[tuple[Array, Array | None]], resistances: Array
) -> tuple[Array, int]:
    """Which value of the system each one of the basis is, and how many there are."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [
        (here.ravel(), there.ravel())
        for (here, there), r in zip(traces, resistances, strict=True)
        if there is not None and r == 0
    ]
    one = np.concatenate([np.empty(0, int), *(here for here, _ in pairs)])
    other = np.concatenate([np.empty(0, int), *(there for _, there in pairs)])
    graph = coo_array((np.ones(len(one)), (one, other)), (count, count))
    number, label = connected_components(graph, directed=False)
    return label.astype(np.int64), int(number)


def _trace(basis: Any, mesh: BrokenMesh, joint: Joint, order: int) -> tuple[Array, Array | None]:
    here = _values_at(basis, joint.here, order)
    return here, _values_at(basis, joint.there, order) if joint.other >= 0 else None


def _values_at(basis: Any, facets: Array, order: int) -> Array:
    """Numbers of a facet's values: at its corners, then at the middles of its edges."""
    found = [basis.nodal_dofs[0][facets]]
    if order == 2:
        dimensions = facets.shape[1]
        edges = basis.mesh.facets if dimensions == 2 else basis.mesh.edges
        numbers = basis.facet_dofs[0] if dimensions == 2 else basis.edge_dofs[0]
        keys = edges.min(axis=0).astype(np.int64) * basis.mesh.nvertices + edges.max(axis=0)
        sort = np.argsort(keys)
        for i, j in _facet_edges(dimensions):
            low, high = facets[:, [i, j]].min(axis=1), facets[:, [i, j]].max(axis=1)
            wanted = low.astype(np.int64) * basis.mesh.nvertices + high
            found.append(numbers[sort[np.searchsorted(keys[sort], wanted)]][:, None])
    return np.hstack(found)


def _facet_edges(dimensions: int) -> tuple[tuple[int, int], ...]:
    return ((0, 1),) if dimensions == 2 else ((0, 1), (1, 2), (0, 2))


def _measures(corners: Array) -> Array:
    """Lengths or areas of facets (n, dimensions, dimensions)."""
    arms = corners[:, 1:] - corners[:, :1]
    gram = np.einsum("nik,njk->nij", arms, arms)
    root: Array = np.sqrt(np.linalg.det(gram)) / factorial(arms.shape[1])
    return root
