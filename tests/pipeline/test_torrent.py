"""What is made is what torrent clients read, and what a site sends cannot hurt."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import libtorrent
import pytest
import torf
from hypothesis import given
from hypothesis import strategies as st
from libtorrent import bdecode, bencode

from pipeline.errors import HashError
from pipeline.hashing.pool import HashPool
from pipeline.model.files import FileSet
from pipeline.model.pieces import Pieces, Torrent
from pipeline.secret import Secret
from pipeline.torrent import NotATorrent, SiteTorrent, check_names, make_torrent, read_torrent, same_pieces
from tests.support.filesets import sparse_file, write_files, write_single
from tests.support.seeding import offline_client, recheck

PIECE = 16 * 1024
ANNOUNCE = "https://site.example/announce/0123456789abcdef"
ALBUM = {
    "CD1/01 Björk - Jóga.flac": random.Random(1).randbytes(70_000),
    "CD1/02.flac": random.Random(2).randbytes(10),
    "CD2/01 音.flac": random.Random(3).randbytes(50_000),
    "empty.log": b"",
    "folder.jpg": random.Random(4).randbytes(5_000),
}


async def hashed(files: FileSet) -> Pieces:
    return await HashPool().hash_files(files, PIECE, progress=lambda *_: None)


@pytest.fixture
async def album(tmp_path: Path) -> Pieces:
    return await hashed(write_files(tmp_path / "Björk - Homogenic (1997) [FLAC]", ALBUM))


@pytest.fixture
async def single(tmp_path: Path) -> Pieces:
    return await hashed(write_single(tmp_path / "Jóga.flac", ALBUM["CD1/01 Björk - Jóga.flac"]))


def made(pieces: Pieces) -> Torrent:
    return make_torrent(pieces, announce_url=Secret(ANNOUNCE), source="MH")


@pytest.fixture(scope="module")
def client() -> Iterator[libtorrent.session]:
    with offline_client() as session:
        yield session


async def test_a_client_finds_the_files_complete(
    client: libtorrent.session, album: Pieces, single: Pieces
) -> None:
    for pieces in album, single:
        torrent = made(pieces)
        status = recheck(client, torrent.data, pieces.files.root.parent)
        assert status.progress == 1
        assert status.is_seeding
        assert str(status.info_hashes.v1) == torrent.infohash


async def test_a_client_sees_that_a_file_was_changed(client: libtorrent.session, album: Pieces) -> None:
    torrent = make_torrent(album, announce_url=Secret(ANNOUNCE), source="changed")
    album.files.files[0].path.write_bytes(bytes(70_000))
    assert recheck(client, torrent.data, album.files.root.parent).progress < 1


async def test_the_metainfo_of_an_album(album: Pieces) -> None:
    metainfo = bdecode(made(album).data)
    assert metainfo == {
        b"announce": ANNOUNCE.encode(),
        b"created by": b"mua-async",
        b"info": {
            b"files": [
                {b"length": len(content), b"path": [part.encode() for part in name.split("/")]}
                for name, content in ALBUM.items()
            ],
            b"name": "Björk - Homogenic (1997) [FLAC]".encode(),
            b"piece length": PIECE,
            b"pieces": album.digests,
            b"private": 1,
            b"source": b"MH",
        },
    }


async def test_the_metainfo_of_a_single_file(single: Pieces) -> None:
    info = libtorrent.load_torrent_buffer(made(single).data).ti
    assert info is not None
    assert (info.name(), info.num_files(), info.total_size()) == ("Jóga.flac", 1, 70_000)
    assert info.priv()


async def test_torf_accepts_it_and_names_the_same_infohash(album: Pieces) -> None:
    torrent = made(album)
    theirs = torf.Torrent.read_stream(torrent.data)
    assert theirs.infohash == torrent.infohash
    assert (theirs.private, theirs.source, theirs.trackers.flat) == (True, "MH", (ANNOUNCE,))


async def test_the_same_input_gives_the_same_bytes_and_another_source_another_infohash(album: Pieces) -> None:
    assert made(album).data == made(album).data
    other = make_torrent(album, announce_url=Secret(ANNOUNCE), source="SP")
    assert other.infohash != made(album).infohash


async def test_a_torrent_for_no_tracker_has_neither_announce_nor_source(album: Pieces) -> None:
    site = read_torrent(make_torrent(album, announce_url=Secret(""), source="").data)
    assert (site.announce, site.source, site.private) == (None, None, True)


async def test_what_is_made_reads_back(album: Pieces) -> None:
    torrent = made(album)
    assert read_torrent(torrent.data) == SiteTorrent(
        name="Björk - Homogenic (1997) [FLAC]",
        infohash=torrent.infohash,
        piece_length=PIECE,
        pieces=album.digests,
        files=tuple((tuple(name.split("/")), len(content)) for name, content in ALBUM.items()),
        private=True,
        source="MH",
        announce=Secret(ANNOUNCE),
    )


async def test_a_single_file_reads_back_as_its_name(single: Pieces) -> None:
    assert read_torrent(made(single).data).files == ((("Jóga.flac",), 70_000),)


async def test_the_key_shows_nowhere(album: Pieces) -> None:
    torrent = made(album)
    assert "0123456789abcdef" not in repr(torrent) + repr(read_torrent(torrent.data))


def edited(torrent: Torrent, info: dict[bytes, Any]) -> bytes:
    metainfo: Any = bdecode(torrent.data)
    return bencode({**metainfo, b"info": {**metainfo[b"info"], **info}})


async def test_a_site_that_edits_the_torrent_has_the_same_content(album: Pieces) -> None:
    torrent = made(album)
    site = read_torrent(edited(torrent, {b"source": b"Site", b"entropy": b"6" * 128}))
    assert site.infohash != torrent.infohash
    assert same_pieces(read_torrent(torrent.data), site)


async def test_other_pieces_are_other_content(album: Pieces, single: Pieces) -> None:
    ours = read_torrent(made(album).data)
    assert not same_pieces(ours, read_torrent(made(single).data))
    pieces = album.digests[:-1] + b"\0"
    assert not same_pieces(ours, read_torrent(edited(made(album), {b"pieces": pieces})))


async def test_the_infohash_is_over_the_bytes_as_the_site_wrote_them(single: Pieces) -> None:
    unsorted = b"d6:pieces%d:%b12:piece lengthi%de4:name1:x6:lengthi70000e7:privatei1ee" % (
        len(single.digests),
        single.digests,
        PIECE,
    )
    site = read_torrent(b"d4:info" + unsorted + b"13:creation datei99999999999999999ee")
    assert site.infohash == sha1(unsorted).hexdigest()
    assert same_pieces(read_torrent(made(single).data), site)


@pytest.mark.parametrize(("field", "name"), [("folder", b"Caf\xe9"), ("file", b"01 \xff.flac")])
async def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path, field: str, name: bytes) -> None:
    hostile = os.fsdecode(name)
    root, file = (hostile, "01.flac") if field == "folder" else ("Album", hostile)
    files = write_files(tmp_path / root, {file: b"data"})
    with pytest.raises(HashError, match=r"(Caf\\xe9|01 \\xff\.flac) has a name that is not UTF-8") as caught:
        check_names(files)
    assert caught.value.reason == "name_not_utf8"
    assert caught.value.path.name == hostile
    pieces = await hashed(files)
    with pytest.raises(HashError, match="not UTF-8"):
        made(pieces)


def test_an_album_of_thousands_of_files_takes_no_time(tmp_path: Path) -> None:
    one = sparse_file(tmp_path / "one", 1000).files[0]
    files = FileSet(tmp_path / "Album", (one,) * 20_000)
    pieces = Pieces(files, 2**20, bytes(20 * 20))
    started = time.process_time()
    assert read_torrent(made(pieces).data).pieces == pieces.digests
    assert time.process_time() - started < 5  # torf's own ways take minutes


GOOD: dict[bytes, Any] = {
    b"name": b"x",
    b"piece length": PIECE,
    b"pieces": bytes(20),
    b"files": [{b"length": 5, b"path": [b"a"]}],
}


def with_info(info: Any) -> bytes:
    return bencode({b"info": info})


def test_names_that_are_not_utf8_can_be_read() -> None:
    site = read_torrent(with_info({**GOOD, b"name": b"Caf\xe9", b"source": b"\xff"}))
    assert (os.fsencode(site.name), os.fsencode(site.source or "")) == (b"Caf\xe9", b"\xff")


def test_a_torrent_of_12_megabytes_can_be_read() -> None:
    count = 600_000
    large = {b"pieces": bytes(20 * count), b"files": [{b"length": count * PIECE, b"path": [b"a"]}]}
    assert len(read_torrent(with_info({**GOOD, **large})).pieces) == 20 * count


@pytest.mark.parametrize(
    "info",
    [
        {b"piece length": 0},
        {b"piece length": b"16384"},
        {b"pieces": b""},
        {b"pieces": bytes(40)},
        {b"pieces": bytes(19)},
        {b"pieces": 1},
        {b"name": 1},
        {b"source": []},
        {b"files": {}},
        {b"files": [1]},
        {b"files": [{b"length": 5}]},
        {b"files": [{b"length": 5, b"path": b"a"}]},
        {b"files": [{b"length": 5, b"path": [1]}]},
        {b"files": [{b"length": -5, b"path": [b"a"]}, {b"length": 10, b"path": [b"b"]}]},
    ],
)
def test_an_info_that_makes_no_sense_is_refused(info: dict[bytes, Any]) -> None:
    read_torrent(with_info(GOOD))
    with pytest.raises(NotATorrent):
        read_torrent(with_info({**GOOD, **info}))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!DOCTYPE html><title>Login</title>", id="HTML"),
        pytest.param(b"de", id="no info"),
        pytest.param(b"d4:infoi1ee", id="info is a number"),
        pytest.param(b"d4:infolee", id="info is a list"),
        pytest.param(b"d4:infod4:name", id="cut off"),
        pytest.param(b"d4:info" + b"d1:a" * 50_000 + b"e" * 50_001, id="nested deep"),
        pytest.param(b"d4:infod1:x9999999999:ee", id="a text of 10 GB"),
        pytest.param(bytes(64 * 2**20 + 1), id="too large"),
    ],
)
def test_what_is_no_torrent_is_refused(data: bytes) -> None:
    with pytest.raises(NotATorrent, match="no torrent"):
        read_torrent(data)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.binary(max_size=5) | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.binary(max_size=3), inner, max_size=3),
)
INFOS = st.fixed_dictionaries(
    {key: st.just(value) | VALUES for key, value in GOOD.items()},
    optional=dict.fromkeys((b"length", b"private", b"source", b"\xff"), VALUES),
)


@given(VALUES | st.fixed_dictionaries({b"info": INFOS | VALUES}, optional={b"announce": VALUES}))
def test_nothing_but_not_a_torrent_comes_out_of_any_answer(answer: Any) -> None:
    try:
        read_torrent(bencode(answer))
    except NotATorrent:
        return
