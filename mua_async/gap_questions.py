"""Asks for what no file says when a run has run dry, and sends the albums that were answered."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, evolve, field

from pipeline.events import Event, GapsFound, StageFailed, UploadSkipped
from pipeline.flow import Job
from pipeline.gap_file import GapEntry
from pipeline.known_album import UserWords

from .app import RunOrder, RunResult, run_once
from .options import Common
from .tally import EXIT_OK, EXIT_PROBLEM

Answers = Mapping[str, Mapping[str, object]]
"""Fields of `Album`, by content id."""
SOURCE = "the answer at the terminal"


@define
class OpenGaps:
    """A subscriber that keeps the albums which trackers are closed to until the user tells more of them."""

    albums: dict[Path, GapsFound] = field(factory=dict, init=False)
    _settled: set[tuple[Path, str]] = field(factory=set, init=False)
    """Albums at trackers that get them by another way, so that no answer is wanted there."""

    def __call__(self, event: Event) -> None:
        match event:
            case UploadSkipped(reason="same_site" | "same_content"):
                self._settled.add((event.album, event.tracker))
            case GapsFound():
                trackers = tuple(
                    tracker for tracker in event.trackers if (event.album, tracker) not in self._settled
                )
                if trackers:
                    self.albums[event.album] = evolve(event, trackers=trackers)
            case StageFailed():
                self.albums.pop(event.album, None)  # it is broken: no answer mends that

    @property
    def cells(self) -> int:
        """How many verdicts the answers may change."""
        return sum(len(gap.trackers) for gap in self.albums.values())

    def in_order(self) -> list[GapsFound]:
        """By the library: albums are prepared side by side, and events come in any order."""
        return [self.albums[album] for album in sorted(self.albums)]


def run_and_ask(common: Common, order: RunOrder) -> int:
    """Runs the job; then asks for what albums lack, and sends those only where they were refused for it.

    Nothing is asked without a terminal, for a script, by a dry run, or when the run was interrupted.
    Returns the exit code of all runs together.
    """
    if not _can_ask(common, order.job):
        return run_once(common, order).exit_code
    gaps = OpenGaps()
    first = run_once(common, order, gaps)
    if first.interrupted or not gaps.albums:
        return first.exit_code
    answers = _ask(gaps)
    answered = [gap for gap in gaps.in_order() if gap.content_id in answers]
    code = _code_without(gaps, first) if len(answered) == len(gaps.albums) else first.exit_code
    for trackers, again in _jobs(order.job, answered, answers):
        chosen = [tracker for tracker in order.trackers if tracker.config.id in trackers]
        result = run_once(common, RunOrder(again, chosen, order.data, image_hosts=order.image_hosts))
        code = max(code, result.exit_code)  # the graver, the higher
        if result.interrupted:
            break
    return code


def _can_ask(common: Common, job: Job) -> bool:
    if common.json or common.quiet or job.upload.dry_run:
        return False
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(gaps: OpenGaps) -> Answers:
    from rich.console import Console  # only now: most runs ask nothing

    from .asking import ask_for_gaps

    entries = [
        GapEntry(gap.content_id, gap.album, gap.missing, gap.guessed, gap.known) for gap in gaps.in_order()
    ]
    return ask_for_gaps(entries, Console(stderr=True))


def _code_without(gaps: OpenGaps, run: RunResult) -> int:
    """The exit code of the run, as if nobody had wanted what it had gaps for."""
    only_gaps = run.exit_code == EXIT_PROBLEM and run.troubles == gaps.cells
    return EXIT_OK if only_gaps else run.exit_code


def _jobs(job: Job, gaps: Sequence[GapsFound], answers: Answers) -> Iterator[tuple[frozenset[str], Job]]:
    """What is to be sent again, and where to: one job for each set of trackers."""
    earlier = job.words.answers
    merged = {content_id: {**earlier.get(content_id, {}), **said} for content_id, said in answers.items()}
    words = UserWords(job.words.settings, {**earlier, **merged}, SOURCE)
    together: dict[frozenset[str], list[Path]] = {}
    for gap in gaps:
        together.setdefault(frozenset(gap.trackers), []).append(gap.album)
    for trackers, paths in together.items():
        yield trackers, evolve(job, paths=tuple(paths), limit=None, words=words)
