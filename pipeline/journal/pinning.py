"""What is kept of an upload before it is sent, and how it is found again from that."""

from __future__ import annotations

from ..formats import release_key
from ..model.pieces import Pieces
from ..model.upload import SentUpload, UploadRequest
from ..secret import Secret
from ..torrent import info_of, read_torrent, torrent_around
from .record import Pinned
from .signatures import digest_of_files, pieces_digest


def pinned_upload(request: UploadRequest, pieces: Pieces, signature: bytes) -> Pinned:
    """`signature` is that of the album's files as they were scanned."""
    return Pinned(
        name=request.name,
        infohash=request.torrent.infohash,
        piece_length=pieces.piece_length,
        info=info_of(request.torrent),
        files_digest=digest_of_files(pieces.files),
        pieces_digest=pieces_digest(pieces.piece_length, pieces.digests),
        signature=signature,
        release_key=release_key(request.release.album),
    )


def sent_upload(pinned: Pinned | None, announce_url: Secret) -> SentUpload | None:
    """The upload as it was sent; None where its torrent is not kept. Blocks: 50 ms at 3000 files."""
    if pinned is None or pinned.info is None:
        return None
    torrent = torrent_around(pinned.info, announce_url)
    return SentUpload(pinned.name, torrent, read_torrent(torrent.data).files)
