"""The figures in the report on a volume."""

from __future__ import annotations

from collections.abc import Iterator

from solith.app._report_page import Panel
from solith.figures import (
    plot_contact_rose,
    plot_current_map,
    plot_geodesic_tortuosity,
    plot_grey_histogram,
    plot_particle_sizes,
    plot_phase_profiles,
    plot_phase_surfaces,
    plot_segmentation,
    plot_slices,
)
from solith.study.structure_chain import MeasuredStructure

__all__ = ["contact_panels", "current_panels", "path_panels", "volume_panels"]

_IN_SPACE = ("active", "void", "carbon")


def volume_panels(found: MeasuredStructure) -> Iterator[Panel]:
    """Cuts, surfaces, profiles; of a grey volume its segmentation."""
    yield Panel(
        "",
        "Phases",
        "Cuts through the middle of the volume, all of one scale.",
        plot_slices(found.volume),
    )
    there = [phase for phase in map(found.roles.get, _IN_SPACE) if phase in found.present]
    yield Panel(
        "",
        "Phases in space",
        f"Surfaces of {' and '.join(map(str, there)) or 'all phases but the largest'}, of a flat "
        "volume in a block in its middle. Drawn with at most 64 cells along a side: what is finer "
        "does not show. Drag to turn.",
        plot_phase_surfaces(found.volume, [str(phase) for phase in there] or None),
    )
    if found.grey is not None and found.segmentation is not None:
        yield Panel(
            "",
            "Segmentation",
            f"Grey values in the middle cut across {found.axis}, and the phases found in it.",
            plot_segmentation(found.grey, found.volume, axis=found.axis),
            wide=True,
        )
        yield Panel(
            "",
            "Grey values",
            "Histogram of the volume as it was read; thresholds and the greys of the phases are "
            "those after noise and drift were taken out.",
            plot_grey_histogram(found.grey, found.segmentation),
        )
    yield Panel(
        "",
        "Profiles",
        f"Volume fraction of each phase in the planes across {found.axis}.",
        plot_phase_profiles(found.results["fractions"]),
    )


def contact_panels(found: MeasuredStructure) -> Iterator[Panel]:
    """Roses by phase, and the sizes of particles."""
    contacts = {
        name: result for name, result in found.results.items() if name.startswith("contact of ")
    }
    for phase in dict.fromkeys(str(result.details["a"]) for result in contacts.values()):
        own = {name: one for name, one in contacts.items() if one.details["a"] == phase}
        yield Panel(
            "",
            f"What {phase} touches",
            f"Share of the surface of {phase} that touches other phases, by the angle between its "
            f"outward normal and the {found.axis} axis. At 0° the surface faces along the axis.",
            plot_contact_rose(own),
        )
    sizes = found.results.get(f"particles of {found.roles.get('active')}")
    if sizes is not None and "diameter_edges_m" in sizes.details:
        yield Panel(
            "",
            "Particle sizes",
            "By volume, of particles that the volume's boundary does not cut; particles that touch "
            "are split where they are narrow. D10, D50 and D90 are corrected for the larger chance "
            "of large particles to be cut.",
            plot_particle_sizes(sizes),
        )


def path_panels(found: MeasuredStructure) -> Iterator[Panel]:
    """Histograms of geodesic tortuosity."""
    for name, result in found.results.items():
        if name.startswith("paths through ") and "histogram" in result.details:
            phase = result.details["phase"]
            yield Panel(
                "",
                f"Paths through {phase}",
                f"Lengths of the shortest paths through {phase} from face to face along "
                f"{found.axis}, over the distance of the faces.",
                plot_geodesic_tortuosity(result),
            )


def current_panels(found: MeasuredStructure) -> Iterator[Panel]:
    """Maps of the current density."""
    current = found.current
    if current is None:
        return
    yield Panel(
        "",
        f"Current through {current.phase}",
        f"Current density along {found.axis} in a plane through the middle, over its mean in the "
        "whole volume; black where there is none.",
        plot_current_map(current.plane, current.plane_voxel, current.plane_axes),
    )
    yield Panel(
        "",
        f"Current through {current.phase}, mean over the depth",
        f"Current density along {found.axis}, averaged over the whole depth: where on the face of "
        "the electrode current finds a way.",
        plot_current_map(current.depth_mean, current.mean_voxel, current.mean_axes),
    )
