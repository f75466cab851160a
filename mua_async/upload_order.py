"""What `upload` was asked for: kept in the journal, so that `resume` can go on with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cattrs
from attrs import asdict, frozen

from pipeline.errors import UsageError
from pipeline.flow import Job
from pipeline.ports import TorrentClient
from pipeline.upload import UploadSettings

from .settings import user_words


@frozen(kw_only=True)
class UploadOrder:
    """The arguments of one `upload`; paths are absolute."""

    paths: tuple[str, ...]
    trackers: tuple[str, ...]
    settings: tuple[str, ...] = ()
    media: str | None = None
    release_type: str | None = None
    answers: str | None = None
    verify: bool = True
    stage_folder: str | None = None
    anonymous: bool = False
    seed: bool = True
    allow_duplicate: bool = False
    one_album: bool = False
    limit: int | None = None
    jobs: int = 2

    def text(self) -> str:
        """As the journal keeps it; a path that is no UTF-8 keeps its bytes as lone surrogates."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> UploadOrder:
        """Reads what `text` made; UsageError for what an older or newer mua-async has written otherwise."""
        try:
            return cattrs.structure(json.loads(text), cls)
        except (ValueError, cattrs.BaseValidationError) as error:
            raise UsageError(
                "an earlier `upload` in the journal cannot be read", hint="run it again"
            ) from error

    def job(self, torrents_folder: Path, clients: Sequence[TorrentClient], *, dry_run: bool = False) -> Job:
        """UsageError for words that make no sense."""
        answers = Path(self.answers) if self.answers else None
        return Job(
            paths=tuple(map(Path, self.paths)),
            one_album=self.one_album,
            limit=self.limit,
            words=user_words(self.settings, self.media, self.release_type, answers),
            jobs=self.jobs,
            verify=self.verify,
            stage_folder=Path(self.stage_folder) if self.stage_folder else None,
            upload=UploadSettings(
                torrents_folder=torrents_folder,
                dry_run=dry_run,
                anonymous=self.anonymous,
                allow_duplicate=self.allow_duplicate,
                clients=tuple(clients) if self.seed else (),
            ),
        )


def whole_path(path: Path) -> str:
    """The path as the scan takes it, wherever a later run is started from."""
    return str(path.resolve() if ".." in path.parts else path.absolute())
