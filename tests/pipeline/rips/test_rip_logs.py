"""Rip logs are found, scored as Gazelle sites do, and their checksums are checked."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ScanError
from pipeline.model.files import FileSet
from pipeline.model.rips import LogChecksum, RipLog
from pipeline.rips import read_rip_logs
from pipeline.rips.decoding import decode
from pipeline.rips.rippers import EAC, recognise
from pipeline.rips.toc import toc_tracks
from tests.support.filesets import write_files
from tests.support.rip_logs import as_eac_saves, eac_log, old_eac_log, xld_log

SONG = b"sound"


def album(root: Path, contents: dict[str, bytes]) -> FileSet:
    files = write_files(root, contents)
    return evolve(files, files=tuple(evolve(file, audio=file.path.suffix == ".flac") for file in files.files))


def only_log(root: Path, log: bytes, *, tracks: int = 2) -> RipLog:
    songs = {f"{number:02} - Song.flac": SONG for number in range(1, tracks + 1)}
    (found,) = read_rip_logs(album(root, {**songs, "rip.LOG": log}))
    return found


def test_a_good_eac_log(tmp_path: Path) -> None:
    log = only_log(tmp_path, as_eac_saves(eac_log()))
    assert log.file.path == tmp_path / "rip.LOG"
    assert (log.ripper, log.score, log.checksum) == ("EAC 1.3", 100, LogChecksum.GOOD)
    assert log.deductions == ()


def test_a_good_xld_log(tmp_path: Path) -> None:
    log = only_log(tmp_path, xld_log().encode())
    assert (log.ripper, log.score, log.checksum) == ("XLD 20181019 (151.1)", 100, LogChecksum.GOOD)
    assert log.deductions == ()


def test_a_log_that_was_edited(tmp_path: Path) -> None:
    edited = eac_log().replace("No Such Disc", "Another Disc")
    assert only_log(tmp_path / "eac", as_eac_saves(edited)).checksum is LogChecksum.BAD
    edited = xld_log().replace("No Such Disc", "Another Disc")
    assert only_log(tmp_path / "xld", edited.encode()).checksum is LogChecksum.BAD


def test_a_log_saved_again_in_another_encoding_has_no_checksum_that_counts(tmp_path: Path) -> None:
    assert only_log(tmp_path, eac_log().encode()).checksum is LogChecksum.MISSING


def test_a_log_without_a_checksum(tmp_path: Path) -> None:
    text = eac_log().partition("====")[0]
    assert only_log(tmp_path, as_eac_saves(text)).checksum is LogChecksum.MISSING


def test_a_careless_rip_loses_points_for_reasons(tmp_path: Path) -> None:
    log = only_log(tmp_path, as_eac_saves(eac_log(secure=False)))
    assert log.score is not None
    assert log.score < 100
    assert any("secure" in line.lower() and "(-" in line for line in log.deductions)


def test_a_second_rip_in_the_same_log_is_told_apart(tmp_path: Path) -> None:
    text = eac_log() + "\n" + "-" * 60 + "\n\n" + eac_log(secure=False)
    log = only_log(tmp_path, as_eac_saves(text))
    assert log.checksum is LogChecksum.BAD
    assert log.deductions
    assert all(line.startswith("part 2 of 2: ") for line in log.deductions)


def test_a_log_that_aborts_the_checker_is_still_a_log(tmp_path: Path) -> None:
    log = only_log(
        tmp_path, as_eac_saves(eac_log().replace("confidence 9)", "confidence 99999999999999999999)"))
    )
    assert (log.ripper, log.score, log.checksum) == ("EAC 1.3", None, LogChecksum.UNCHECKED)


def test_a_log_that_ends_early_has_no_good_checksum(tmp_path: Path) -> None:
    assert only_log(tmp_path, as_eac_saves(eac_log()[:60])).checksum is LogChecksum.MISSING


def test_without_the_checker_a_checksum_stays_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.rips.verdict.JUDGE", tmp_path / "missing.py")
    log = only_log(tmp_path / "album", as_eac_saves(eac_log()))
    assert (log.score, log.checksum) == (None, LogChecksum.UNCHECKED)


@pytest.mark.parametrize(
    ("first_line", "ripper"),
    [
        ("Exact Audio Copy V0.99 prebeta 5 from 4. May 2009", "EAC 0.99 prebeta 5"),
        ("Exact Audio Copy V1.0 beta 3 from 29. August 2011", "EAC 1.0 beta 3"),
        ("EAC extraction logfile from 6. March 2007, 19:59 for CD", "EAC"),
        ("EAC Auslese-Logdatei vom 6. März 2007, 19:59 für CD", "EAC"),
        ("Journal d'extraction EAC depuis 6. mars 2007, 19:59 pour le CD", "EAC"),
        ("Archivo Log de extracciones desde 6. marzo 2007, 19:59 para CD", "EAC"),
        ("Отчет на EAC за извличане, извършено на 6. март 2007, 19:59 за CD", "EAC"),
        ("EAC 取り込みログファイル 日付 : 6. 3月 2007, 19:59 for CD", "EAC"),
        ("X Lossless Decoder version 20090320 (105.1)", "XLD 20090320 (105.1)"),
        ("Log created by: whipper 0.9.0 (internal logger)", "whipper 0.9.0"),
        ("CUERipper v2.1.6 Copyright (C) 2008-13 Grigory Chudov", "CUERipper 2.1.6"),
        ("dBpoweramp Release 16.4 Digital Audio Extraction Log from Sunday, 3 March 2019", "dBpoweramp 16.4"),
        ("dBpoweramp 2024-05-30 Digital Audio Extraction Log from Sunday", "dBpoweramp 2024-05-30"),
    ],
)
def test_the_first_line_tells_the_ripper(first_line: str, ripper: str) -> None:
    found = recognise(f"\n{first_line}\r\n\r\nThe Nobodies / No Such Disc\r\n")
    assert found is not None
    assert found[1] == ripper


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foobar2000 1.6 / File Integrity Verifier log\n",
        "auCDtect: CD records authenticity detector\n",
        "[CUETools log; Date: 03.03.2019 12:34:56; Version: 2.1.6]\n",
        "Ripped by me with EAC\n",
        "Notes\n\nExact Audio Copy V1.3 from 2. September 2016\n",
    ],
)
def test_other_logs_are_no_rip_logs(text: str, tmp_path: Path) -> None:
    assert read_rip_logs(album(tmp_path, {"01.flac": SONG, "a.log": text.encode()})) == ()


def test_only_logs_of_a_sensible_size_are_read(tmp_path: Path) -> None:
    long = eac_log().encode() + b"\n" * 1024 * 1024
    assert read_rip_logs(album(tmp_path, {"rip.log": long, "rip.txt": eac_log().encode()})) == ()


def test_old_logs_in_an_old_encoding(tmp_path: Path) -> None:
    first_line = "Отчет на EAC за извличане, извършено на 6. март 2007, 19:59 за CD"
    log = only_log(tmp_path, old_eac_log(first_line).encode("cp1251"))
    assert (log.ripper, log.checksum) == ("EAC", LogChecksum.MISSING)


def test_rippers_that_no_gazelle_site_scores(tmp_path: Path) -> None:
    text = "dBpoweramp Release 16.4 Digital Audio Extraction Log from Sunday, 3 March 2019\n"
    log = only_log(tmp_path, text.encode())
    assert (log.score, log.deductions) == (None, ())


def test_a_log_of_another_disc(tmp_path: Path) -> None:
    log = only_log(tmp_path, as_eac_saves(eac_log()), tracks=3)
    assert log.deductions == ("the disc in the log has 2 tracks, the folder 3",)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Disc.flac"], id="one file for the whole disc"),
        pytest.param(["00 - Hidden.flac", "01.flac", "02.flac"], id="a hidden track"),
        pytest.param(["CD1/01.flac", "CD1/02.flac", "CD2/01.flac"], id="audio elsewhere"),
    ],
)
def test_a_log_that_may_be_of_this_disc(names: list[str], tmp_path: Path) -> None:
    files = album(tmp_path, {**dict.fromkeys(names, SONG), "rip.log": as_eac_saves(eac_log())})
    assert [log.deductions for log in read_rip_logs(files)] == [()]


def test_each_disc_has_its_own_log(tmp_path: Path) -> None:
    log = as_eac_saves(eac_log())
    names = ["CD1/01.flac", "CD1/02.flac", "CD2/01.flac", "CD2/02.flac", "CD2/03.flac"]
    files = album(tmp_path, {**dict.fromkeys(names, SONG), "CD1/1.log": log, "CD2/2.log": log})
    assert [len(found.deductions) for found in read_rip_logs(files)] == [0, 1]


def test_the_data_track_of_an_enhanced_cd_is_no_track() -> None:
    row = "       {}  |  0:00.00 |  3:20.00 | {}    |    {}   \n"
    rows = [row.format(1, 0, 14_999), row.format(2, 15_000, 29_999), row.format(3, 41_400, 50_000)]
    assert toc_tracks("".join(rows)) == 2
    assert toc_tracks(xld_log()) == 2
    assert toc_tracks(old_eac_log("EAC extraction logfile from 6. March 2007, 19:59 for CD")) == 0


def test_a_log_that_is_gone_is_named(tmp_path: Path) -> None:
    files = album(tmp_path, {"rip.log": eac_log().encode()})
    (tmp_path / "rip.log").unlink()
    with pytest.raises(ScanError, match=r"rip\.log does not exist"):
        read_rip_logs(files)


@given(st.binary())
def test_any_bytes_are_some_text(data: bytes) -> None:
    recognise(decode(data))
    recognise(decode(codecs.BOM_UTF16_LE + data))


@given(st.text(st.characters(exclude_characters="\ufeff\ufffe", exclude_categories=["Cs"])))
def test_every_encoding_of_the_rippers_is_read(text: str) -> None:
    assert decode(codecs.BOM_UTF16_LE + text.encode("utf-16-le")) == text
    assert decode(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text
    assert decode(codecs.BOM_UTF8 + text.encode()) == text
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    "text",
    ["Exact Audio Copy V1" + " " * 400_000, "x" + "\n" * 400_000, "==== " + "A" * 400_000],
    ids=["spaces", "blank lines", "endless checksum"],
)
def test_a_hostile_log_takes_no_time(text: str) -> None:
    """With quadratic patterns each of these takes minutes, under Python's lock."""
    recognise(text)
    toc_tracks(text)
    assert EAC.checksum is not None
    assert EAC.checksum.search(text) is None
