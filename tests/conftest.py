"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# On a server the same commit must give the same verdict; at a desk chance looks further.
settings.register_profile("server", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("server" if os.environ.get("CI") else "desk")
