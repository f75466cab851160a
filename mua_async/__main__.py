"""`python -m mua_async` is `mua-async`."""

from __future__ import annotations

from .guard import main

main()
