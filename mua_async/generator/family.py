"""The families that an adapter may be made of."""

from __future__ import annotations

from enum import StrEnum


class AdapterFamily(StrEnum):
    """What the site runs, as far as that is known."""

    UNIT3D = "unit3d"
    GAZELLE = "gazelle"
    GENERIC = "generic"

    @property
    def base(self) -> str:
        """The class of `mua_async.adapter` to derive from."""
        match self:
            case AdapterFamily.UNIT3D:
                return "Unit3dTracker"
            case AdapterFamily.GENERIC:
                return "GenericTracker"
            case AdapterFamily.GAZELLE:
                return "GazelleTracker"
