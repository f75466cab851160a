"""What an examination of the audio means at a site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.finding import Finding, Severity
from ..model.rules import SiteRules
from .lines import shortened


def finding_problems(findings: Sequence[Finding], rules: SiteRules) -> list[str]:
    """The findings that keep the album from the site, as lines: every problem, and what its rules refuse."""
    return [
        *shortened(finding.message for finding in findings if finding.severity is Severity.PROBLEM),
        *(shortened(_upconverts(findings)) if rules.upconverts_refused else ()),
        *(shortened(_mqa(findings)) if rules.mqa_refused else ()),
    ]


def _upconverts(findings: Sequence[Finding]) -> Iterator[str]:
    for message in _warnings(findings, "padded_bit_depth"):
        yield f"{message}: the site refuses padded samples, give it the album in the depth that it has"


def _mqa(findings: Sequence[Finding]) -> Iterator[str]:
    for message in _warnings(findings, "mqa"):
        yield f"{message}: the site refuses MQA, give it the album from another source"


def _warnings(findings: Sequence[Finding], reason: str) -> Iterator[str]:
    for finding in findings:
        if finding.severity is Severity.WARNING and finding.reason == reason:
            yield finding.message
