"""What every test shares."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("patient")  # a busy machine is no fault of the code


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
