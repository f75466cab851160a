"""`mua-async resolve`: what a user has seen on the site settles an unknown, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from attrs import evolve

from pipeline.journal import CellRecord, Journal, State
from tests.support.audio import make_album
from tests.support.program import Finished, Line, Program
from trackers.sandbox import Fault


@pytest.fixture
def unknown(program: Program, album: Path) -> Path:
    """An album that SP has stored, and nobody here knows of it."""
    program.watched()
    program.add_site("SP").fault = Fault.RESET_AFTER
    assert program.upload(album).code == 3
    program.sites["SP"].fault = None
    return album


def resolve(program: Program, album: Path, verdict: str, *arguments: str) -> Finished:
    named = () if "--tracker" in arguments else program.to("SP")
    return program("resolve", album, *named, "--as", verdict, *arguments)


def cell(program: Program) -> Line:
    (line,) = program("status", "--json").lines
    return line


def page(program: Program, torrent_id: str = "1001") -> str:
    return f"{program.sites['SP'].url}/torrents/{torrent_id}"


def test_done_is_fetched_and_handed_over_by_resume(program: Program, unknown: Path) -> None:
    finished = resolve(program, unknown, "done", "--url", page(program))
    assert finished.code == 0
    assert finished.says(f"SP: {unknown} is noted as done: {page(program)}", "`mua-async resume` fetches")
    assert (cell(program)["outcome"], cell(program)["torrent_id"]) == ("done", "1001")
    assert not list(program.watch.iterdir())
    assert program("resume").code == 0
    assert len(list(program.watch.iterdir())) == 1
    assert cell(program)["step"] == "handed"
    assert len(program.sites["SP"].uploads) == 1


def test_done_needs_no_page(program: Program, unknown: Path) -> None:
    assert resolve(program, unknown, "done").code == 0
    assert (cell(program)["outcome"], cell(program)["url"]) == ("done", None)


def test_absent_is_sent_by_resume(program: Program, unknown: Path) -> None:
    program.sites["SP"].uploads.clear()
    finished = resolve(program, unknown, "absent")
    assert finished.code == 0
    assert finished.says("is noted as not sent", "`mua-async resume` sends it")
    assert cell(program)["outcome"] == "not_sent"
    assert program("resume").code == 0
    assert cell(program)["outcome"] == "done"
    assert len(program.sites["SP"].uploads) == 1


def test_absent_is_sent_by_upload_where_nothing_is_open(
    program: Program, unknown: Path, portal: BlockingPortal
) -> None:
    with portal.wrap_async_context_manager(Journal(program.data)) as journal:
        for job in portal.call(journal.open_jobs):
            portal.call(journal.close_job, job)
    assert resolve(program, unknown, "absent").says(f"`mua-async upload '{unknown}' --tracker SP` sends it")


def test_what_was_wrongly_called_absent_is_not_sent_twice(program: Program, unknown: Path) -> None:
    resolve(program, unknown, "absent")
    assert program.upload(unknown).code == 0
    assert cell(program)["outcome"] == "existing"
    assert len(program.sites["SP"].uploads) == 1


def test_it_is_remembered_where_the_journal_is_lost(program: Program, unknown: Path) -> None:
    resolve(program, unknown, "done", "--url", page(program))
    (program.data / "journal.db").unlink()
    assert (cell(program)["outcome"], cell(program)["url"]) == ("done", page(program))


def test_a_line_of_json(program: Program, unknown: Path) -> None:
    (line,) = resolve(program, unknown, "done", "--url", page(program), "--json").lines
    assert line["event"] == "resolved"
    assert (line["album"], line["tracker"], line["outcome"]) == (str(unknown), "SP", "done")
    assert (line["torrent_id"], line["url"]) == ("1001", page(program))
    assert line["content_id"] == cell(program)["content_id"]


def test_an_album_that_is_gone_is_known_by_its_path(program: Program) -> None:
    program.add_site("SP").fault = Fault.RESET_AFTER
    folder = make_album(program.folder / "Gone", tracks=1, seconds=0.1)
    program.upload(folder)
    shutil.rmtree(folder)
    assert resolve(program, folder / "..", "done").code == 2
    assert resolve(program, folder.parent / "x" / ".." / "Gone", "absent").code == 0
    assert cell(program)["outcome"] == "not_sent"


def test_an_album_that_was_moved_is_known_by_its_audio(program: Program) -> None:
    program.add_site("SP").fault = Fault.RESET_AFTER
    folder = make_album(program.folder / "Old", tracks=1, seconds=0.1)
    program.upload(folder)
    moved = folder.rename(folder.with_name("New"))
    assert resolve(program, moved, "absent").code == 0
    assert cell(program)["outcome"] == "not_sent"


def test_of_two_albums_that_lay_at_a_path_the_unknown_one_is_meant(program: Program) -> None:
    site = program.add_site("SP")
    site.fault = Fault.RESET_AFTER
    folder = make_album(program.folder / "Album", title="One", tracks=1, seconds=0.1)
    program.upload(folder)
    site.fault = None
    shutil.rmtree(folder)
    make_album(folder, title="Two", tracks=1, seconds=0.2)
    assert program.upload(folder).code == 0
    assert resolve(program, folder, "absent").code == 0
    outcomes = {line["outcome"] for line in program("status", "--json").lines}
    assert outcomes == {"done", "not_sent"}


def refused(finished: Finished, *texts: str) -> bool:
    return finished.code == 2 and finished.out == "" and finished.says("error: ", *texts)


def test_only_what_is_unknown_is_settled(program: Program, unknown: Path) -> None:
    resolve(program, unknown, "done", "--url", page(program))
    again = resolve(program, unknown, "absent")
    assert refused(again, "is not unknown at SP", "done", page(program))
    assert cell(program)["outcome"] == "done"


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.SENDING, "a run is sending it"), (State.PENDING, "never sent"), (State.REJECTED, "is rejected")],
)
def test_what_is_in_another_state_is_told(
    program: Program, unknown: Path, portal: BlockingPortal, state: State, words: str
) -> None:
    with portal.wrap_async_context_manager(Journal(program.data)) as living:
        (record,) = portal.call(living.all_records)
        portal.call(living.write, _as(record, state, living.run_id))
        assert refused(resolve(program, unknown, "done"), words)


def _as(record: CellRecord, state: State, run_id: str) -> CellRecord:
    return evolve(record, state=state, run=run_id if state is State.SENDING else "")


def test_what_was_never_sent_is_refused(program: Program, unknown: Path) -> None:
    other = make_album(program.folder / "Other", tracks=1, seconds=0.4)
    nothing = program.folder / "nothing"
    for path in (other, nothing):
        assert refused(resolve(program, path, "done"), f"{path} was never sent to SP")
    program.add_site("MH")
    assert refused(resolve(program, unknown, "done", "--tracker", "MH"), "was never sent to MH")


def test_a_folder_of_albums_or_without_one_is_told(program: Program, unknown: Path, tmp_path: Path) -> None:
    for title in ("Alpha", "Beta"):
        make_album(tmp_path / "library" / title, title=title, tracks=1, seconds=0.1)
    (tmp_path / "empty").mkdir()
    assert refused(resolve(program, tmp_path / "library", "done"), "more than one album")
    assert refused(resolve(program, tmp_path / "empty", "done"), "holds no audio")


def test_without_a_journal_there_is_nothing_to_settle(program: Program, album: Path) -> None:
    program.add_site("SP")
    assert refused(resolve(program, album, "done"), "holds no journal")
    assert not program.data.exists()


def test_an_id_that_is_not_configured_is_refused(program: Program, unknown: Path) -> None:
    assert refused(resolve(program, unknown, "done", "--tracker", "YUS"), "YUS is not configured")
    assert refused(resolve(program, unknown, "done", "--tracker", "NOPE"), "no tracker is called NOPE")


def test_a_site_that_has_moved_is_told(program: Program, unknown: Path) -> None:
    old = program.sites["SP"].url.removeprefix("http://")
    program.tables["SP"]["url"] = "http://127.0.0.1:9"
    assert refused(resolve(program, unknown, "done"), f'trackers.SP.site = "{old}"')


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://site.example/1", "must be the address of a page"),
        ("torrents/77", "must be the address of a page"),
        ("https://", "must be the address of a page"),
        ("https://site.example:x/1", "must be the address of a page"),
        ("https://site.example/a b\x1b[31m", "must be the address of a page"),
        ("https://me:word@site.example/torrents/77", "what looks like a key"),
        ("https://site.example/download/77?rsskey=abc", "what looks like a key"),
        ("https://site.example/download/77.0123456789abcdef0123456789abcdef", "what looks like a key"),
    ],
)
def test_a_page_is_an_address_without_a_key(program: Program, unknown: Path, url: str, words: str) -> None:
    finished = resolve(program, unknown, "done", "--url", url)
    assert refused(finished, words)
    assert "0123456789abcdef" not in finished.err
    assert cell(program)["outcome"] == "unknown"


def test_a_page_of_another_host_tells_no_id(program: Program, unknown: Path) -> None:
    finished = resolve(program, unknown, "done", "--url", "https://site.example/torrents/77")
    assert finished.code == 0
    assert "warning: site.example is not the host of trackers.SP.url" in finished.err
    assert (cell(program)["url"], cell(program)["torrent_id"]) == ("https://site.example/torrents/77", None)


def test_a_page_goes_with_done_alone(program: Program, unknown: Path) -> None:
    assert refused(resolve(program, unknown, "absent", "--url", page(program)), "--as done")


def test_absent_so_soon_that_it_may_still_arrive_is_warned_of(program: Program, unknown: Path) -> None:
    assert "warning: it may still arrive in the next" in resolve(program, unknown, "absent").err
