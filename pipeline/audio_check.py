"""Reads an album's audio to its end before anything is sent, and says for whom it is good enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anyio import CapacityLimiter, current_time

from .errors import VerifyError
from .events import AudioVerified, Cell, Event, UploadSkipped
from .model.album import Album
from .model.finding import Finding, Severity
from .ports import Tracker
from .rules import finding_problems
from .text import printable


async def check_audio(
    album: Album, limiter: CapacityLimiter, publish: Callable[[Event], None]
) -> tuple[Finding, ...]:
    """What is found in the audio; VerifyError where a file is damaged, since no site is to get it."""
    from .integrity.verify import verify  # only now: the decoder takes its time to import

    started = current_time()
    findings = await verify(album, limiter)
    publish(
        AudioVerified(
            album=album.files.library_path,
            content_id=album.content_id,
            problems=_messages(findings, Severity.PROBLEM),
            warnings=_messages(findings, Severity.WARNING),
            unjudged=_messages(findings, Severity.UNJUDGED),
            seconds=current_time() - started,
        )
    )
    _refuse_damaged(album, findings)
    return findings


def is_sound(tracker: Tracker, findings: Sequence[Finding], cell: Cell) -> bool:
    """Publishes the verdict where the site's rules refuse what was found in the audio."""
    broken = finding_problems(findings, tracker.profile.rules)
    if broken:
        cell.report(UploadSkipped, reason="rules", message="; ".join(broken))
    return not broken


def _messages(findings: Sequence[Finding], severity: Severity) -> tuple[str, ...]:
    return tuple(finding.message for finding in findings if finding.severity is severity)


def _refuse_damaged(album: Album, findings: Sequence[Finding]) -> None:
    problems = [finding for finding in findings if finding.severity is Severity.PROBLEM]
    if problems:
        more = f" (+{len(problems) - 1} more)" if len(problems) > 1 else ""
        raise VerifyError(
            f"{printable(album.files.name)}: {problems[0].message}{more}",
            path=problems[0].path,
            reason=problems[0].reason,
            hint="fetch or rip it again; --no-verify sends it as it is",
        )
