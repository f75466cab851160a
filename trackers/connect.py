"""From a class and its configuration to a tracker that the core can use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.errors import UsageError
from pipeline.events import Event

from .client import RetryPolicy, Session, TrackerSession
from .dry_run import DrySession
from .generic_tracker import GenericTracker
from .image_hosts.hosting import Hosting
from .limiter import Limiter, SlidingWindow
from .redaction import make_redactor
from .strangers import told
from .tracker_config import Rate, TrackerConfig, site_of
from .wrap import GuardedTracker


def for_this_process(account: str, rates: Sequence[Rate]) -> Limiter:
    """A limiter that no other process and no later run knows of."""
    return SlidingWindow(rates)


def connect(
    cls: type[GenericTracker],
    config: TrackerConfig,
    publish: Callable[[Event], None],
    *,
    dry_run: bool = False,
    retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
    limiter_for: Callable[[str, Sequence[Rate]], Limiter] = for_this_process,
    hosting: Hosting | None = None,
) -> GuardedTracker:
    """The tracker with a session, limiter and redactor of its own; opened when it is entered.

    `limiter_for` makes the limiter out of what names the account and its rates. `hosting` finds covers a
    place in the web; None where the user has no image hosts.
    UsageError where the class cannot be made: it may be a stranger's.
    """
    redactor = make_redactor(config)
    try:
        settled = cls.settled(config)
        session: Session = (
            DrySession(redactor)
            if dry_run
            else TrackerSession(
                settled, limiter_for(site_of(settled), settled.rate_limit or ()), redactor, retries
            )
        )
        return GuardedTracker(cls(settled, session), publish, hosting)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a stranger's class may raise anything, SystemExit too
        fault = redactor(str(error) if isinstance(error, UsageError) else told(error))
        raise UsageError(f"the adapter {cls.__name__} of {config.id} cannot be used: {fault}") from None
