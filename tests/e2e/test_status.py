"""`mua-async status` and `plan`'s `already`: what went where, by what earlier runs wrote down."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from attrs import evolve

from pipeline.journal import CellRecord, Journal, State
from tests.support.audio import make_album
from tests.support.program import Line, Program, snapshot
from trackers.sandbox import Fault


@pytest.fixture
def sites(program: Program) -> Program:
    """MH takes what it gets; SP stores it and breaks the connection, so that nobody knows."""
    program.watched()
    program.add_site("MH")
    program.add_site("SP").fault = Fault.RESET_AFTER
    return program


def cells(program: Program, *arguments: str | Path) -> dict[str, Line]:
    """By tracker, of a journal of one album."""
    finished = program("status", *arguments, "--json")
    assert finished.code == 0
    assert all(line["event"] == "status" for line in finished.lines)
    return {line["tracker"]: line for line in finished.lines}


def test_without_a_journal_it_says_so_and_makes_none(program: Program) -> None:
    finished = program("status")
    assert finished.code == 0
    assert finished.out == f"Nothing was sent from here: {program.data} holds no journal.\n"
    assert not program.data.exists()
    assert program("status", "--json").lines == []


def test_a_line_of_json_keeps_the_contract(sites: Program, album: Path) -> None:
    uploaded = sites.upload(album)
    assert uploaded.code == 3
    found = cells(sites)
    done = uploaded.verdict("MH")
    assert found["MH"]["album"] == found["SP"]["album"] == str(album)
    assert found["MH"]["content_id"] == found["SP"]["content_id"] == done["content_id"]
    assert (found["MH"]["outcome"], found["SP"]["outcome"]) == ("done", "unknown")
    assert (found["MH"]["torrent_id"], found["MH"]["url"]) == (done["torrent_id"], done["url"])
    assert (found["SP"]["torrent_id"], found["SP"]["url"]) == (None, None)
    assert abs(found["MH"]["at"] - done["at"]) < 5
    assert cells(sites)["MH"]["at"] == found["MH"]["at"]


def test_it_tells_people_what_to_do(sites: Program, album: Path) -> None:
    sites.upload(album)
    finished = sites("status")
    assert finished.says(f"{album}\n", "  MH  done      ", "  SP  unknown   ", "  SP  1 unknown\n")
    assert finished.says(f"mua-async resolve '{album}' --tracker SP --as done (or absent)")


def test_paths_and_trackers_choose(sites: Program, tmp_path: Path) -> None:
    library = tmp_path / "library"
    for title in ("Alpha", "Beta"):
        make_album(library / title, title=title, tracks=1, seconds=0.1)
    sites.upload(library, "--yes")
    shutil.rmtree(library / "Beta")

    def albums(*arguments: str | Path) -> list[tuple[str, str]]:
        lines = sites("status", *arguments, "--json").lines
        return [(Path(line["album"]).name, line["tracker"]) for line in lines]

    everything = [("Alpha", "MH"), ("Alpha", "SP"), ("Beta", "MH"), ("Beta", "SP")]
    assert albums() == albums(library) == albums("--tracker", "all") == everything
    assert albums(library / "Beta") == everything[2:]
    assert albums(library / "Beta" / "..", "--tracker", "sp") == [everything[1], everything[3]]
    assert albums(library / "Bet") == []
    assert sites("status", library / "Bet").out == "The journal knows of no such upload.\n"


def test_a_tracker_is_found_under_its_new_name_too(sites: Program, album: Path) -> None:
    sites.upload(album)
    sites.tables["HAVEN"] = {**sites.tables.pop("MH"), "source_name": "MH"}
    assert list(cells(sites, "--tracker", "HAVEN")) == list(cells(sites, "--tracker", "MH")) == ["MH"]
    unknown = sites("status", "--tracker", "NOPE")
    assert unknown.code == 2
    assert unknown.says("no tracker is called NOPE")


def test_what_a_living_run_sends_is_pending_and_of_a_dead_one_unknown(
    sites: Program, album: Path, portal: BlockingPortal
) -> None:
    sites.upload(album, "--tracker", "MH")
    with portal.wrap_async_context_manager(Journal(sites.data)) as living:
        (record,) = portal.call(living.all_records)
        portal.call(living.write, sending(record, living.run_id))
        assert cells(sites)["MH"]["outcome"] == "pending"
        assert sites("status").says("a run is sending it")
        assert plan(sites, album, "MH")["already"] == "pending"
    assert plan(sites, album, "MH")["already"] == "unknown"
    assert cells(sites)["MH"]["outcome"] == "unknown"


def sending(record: CellRecord, run_id: str) -> CellRecord:
    return evolve(record, state=State.SENDING, run=run_id, finished=False)


def plan(program: Program, album: Path, tracker: str) -> Line:
    finished = program("plan", album, *program.to(tracker), "--json")
    (line,) = finished.events("planned")
    return line


def test_plan_tells_what_went_there_already_and_writes_nothing(sites: Program, album: Path) -> None:
    assert plan(sites, album, "MH")["already"] is None
    assert not sites.data.exists()
    sites.upload(album)
    found = plan(sites, album, "MH")
    assert (found["ok"], found["already"], found["already_url"]) == (True, "done", cells(sites)["MH"]["url"])
    before = snapshot(sites.data)
    assert plan(sites, album, "SP")["already"] == "unknown"
    told = sites("plan", album, *sites.to("MH", "SP"))
    assert snapshot(sites.data) == before
    first, second, *_ = told.out.splitlines()
    assert first.endswith(f", done before at {found['already_url']}")
    assert second.endswith(", unknown: `resume` asks the site what became of it")
    assert told.says("1 album: 2 ok (1 done before), 0 with problems")


def test_plan_tells_it_beside_a_problem_too(sites: Program, album: Path) -> None:
    sites.upload(album, "--tracker", "MH")
    sites.tables["MH"]["category_ids"] = {"EP": "1"}
    finished = sites("plan", album, *sites.to("MH"))
    assert finished.code == 1
    assert finished.out.splitlines()[1].strip().startswith("done before at http://")


def test_plan_reads_what_a_crash_left_in_the_log_of_the_journal(sites: Program, album: Path) -> None:
    sites.upload(album, "--tracker", "MH")
    path = sites.data / "journal.db"
    db = sqlite3.connect(path)
    db.execute("UPDATE cells SET state = 'rejected'")
    db.commit()  # and not closed: it stands in the -wal alone
    before = sorted(sites.data.iterdir())
    assert plan(sites, album, "MH")["already"] == "rejected"
    assert sorted(sites.data.iterdir()) == before
    db.close()


@pytest.mark.parametrize("lost", ["put back", "lost"])
def test_plan_knows_what_only_the_second_memory_has(sites: Program, album: Path, lost: str) -> None:
    other = make_album(sites.folder / "Other", title="Other", tracks=1, seconds=0.1)
    sites.upload(other, "--tracker", "MH")
    path = sites.data / "journal.db"
    old = path.read_bytes()
    sites.upload(album, "--tracker", "MH")
    path.unlink()
    if lost == "put back":
        path.write_bytes(old)
    assert plan(sites, album, "MH")["already"] == "done"
    assert plan(sites, other, "MH")["already"] == "done"
    assert cells(sites, album)["MH"]["outcome"] == "done"


def test_plan_goes_on_without_a_journal_that_cannot_be_read(sites: Program, album: Path) -> None:
    sites.upload(album, "--tracker", "MH")
    (sites.data / "journal.db").write_bytes(b"no database" * 1000)
    finished = sites("plan", album, *sites.to("MH"), "--json")
    assert finished.code == 0
    assert finished.events("planned")[0]["already"] is None
    assert finished.err.startswith("warning: ")
    assert "journal.db is damaged" in finished.err
    assert sites("status").code == 2


def test_plan_does_not_read_a_journal_of_a_later_version(sites: Program, album: Path) -> None:
    sites.upload(album, "--tracker", "MH")
    db = sqlite3.connect(sites.data / "journal.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert sites("plan", album, *sites.to("MH")).says("warning: ", " has version 99")


def test_a_path_that_is_no_text_is_told_in_json(sites: Program) -> None:
    album = make_album(sites.folder / "caf\udce9", tracks=1, seconds=0.1)
    sites.upload(album, "--tracker", "MH")
    line = json.loads(sites("status", "--json").out)
    assert line["album"].endswith(r"caf\xe9")


def test_a_second_run_tells_of_a_done_library_in_a_line(sites: Program, tmp_path: Path) -> None:
    library = tmp_path / "library"
    for title in ("Alpha", "Beta", "Gamma"):
        make_album(library / title, title=title, tracks=1, seconds=0.1)
    sites.upload(library, "--yes", "--tracker", "MH")
    finished = sites("upload", library, "--yes", *sites.to("MH"))
    assert finished.code == 0
    log = [line[9:] for line in finished.out.splitlines() if line[2:3] == ":"]
    assert len(log) == 2
    assert log[1].endswith(": 3 done before")
