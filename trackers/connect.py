"""From a class and its configuration to a tracker that the core can use."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.errors import UsageError
from pipeline.events import Event

from .client import RetryPolicy, Session, TrackerSession
from .dry_run import DrySession
from .generic_tracker import GenericTracker
from .limiter import SlidingWindow
from .redaction import make_redactor
from .tracker_config import TrackerConfig
from .wrap import GuardedTracker


def connect(
    cls: type[GenericTracker],
    config: TrackerConfig,
    publish: Callable[[Event], None],
    *,
    dry_run: bool = False,
    retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
) -> GuardedTracker:
    """The tracker with a session, limiter and redactor of its own; opened when it is entered.

    UsageError where the class cannot be made: it may be a stranger's.
    """
    redactor = make_redactor(config)
    try:
        settled = cls.settled(config)
        session: Session = (
            DrySession(redactor)
            if dry_run
            else TrackerSession(settled, SlidingWindow(settled.rate_limit or ()), redactor, retries)
        )
        return GuardedTracker(cls(settled, session), publish)
    except Exception as error:  # noqa: BLE001 - a stranger's class may raise anything
        told = str(error) if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
        fault = redactor(told)
        raise UsageError(f"the adapter {cls.__name__} of {config.id} cannot be used: {fault}") from None
