"""One login for all of a tracker's requests: kept, and made anew when the site has forgotten it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from attrs import define, field

from .client import Session


@define
class KeptLogin:
    """The login that is in use; requests that need one at the same time share it."""

    session: Session = field(repr=False)
    log_in: Callable[[], Awaitable[None]]
    holds: Callable[[], Awaitable[bool]] | None
    """Asks whether the site still knows it; None where it never expires."""
    current: object | None = None
    """Another object for each login, so that one can be told from that which followed it."""
    _turn: anyio.Lock = field(factory=anyio.Lock, init=False)

    async def ensure(self) -> object | None:
        """The login in use, made now where there is none; None in a dry run. Raises what `log_in` raises."""
        async with self._turn:
            if self.current is None and not self.session.offline:
                await self.log_in()
                self.current = object()
            return self.current

    async def ensure_lasting(self) -> object | None:
        """As `ensure`, an earlier login that the site has forgotten being made anew.

        For an upload: its one creating request must not be spent on a login that has expired.
        """
        earlier = self.current
        if earlier is not None and self.holds is not None and not await self.holds():
            self.forget(earlier)
        return await self.ensure()

    def forget(self, login: object | None) -> None:
        """Gives up that login, and none that was made since."""
        if self.current is login:
            self.current = None
