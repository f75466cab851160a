"""Music as people have it: Debian's SuperTux soundtrack as Ogg, and as FLAC and MP3 by their own encoders."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from mutagen.oggvorbis import OggVorbis

from mua_async.cli import run
from trackers.sandbox import Flavor, SandboxSettings, SandboxSite, StoredUpload

MUSIC = Path("/usr/share/games/supertux2/music/castle")
TOOLS = ("flac", "lame", "oggdec")

pytestmark = pytest.mark.skipif(
    not MUSIC.is_dir() or not all(map(shutil.which, TOOLS)),
    reason="needs Debian's supertux-data, flac, lame and vorbis-tools",
)


@pytest.fixture
def sites() -> Iterator[dict[str, SandboxSite]]:
    settings = SandboxSettings(upload_path="special/upload", rate_limit=None)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(SandboxSite(Flavor.GENERIC, settings)) as generic,
        portal.wrap_async_context_manager(SandboxSite(Flavor.UNIT3D, settings)) as unit3d,
    ):
        yield {"MH": generic, "SP": unit3d}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """One album three times: as it is, and encoded from it by `flac` and `lame`, with the same tags."""
    library = tmp_path / "library"
    folders = {suffix: library / f"SuperTux Soundtrack [{suffix}]" for suffix in ("ogg", "flac", "mp3")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    for number, source in enumerate(sorted(MUSIC.glob("*.ogg")), start=1):
        shutil.copy(source, folders["ogg"])
        wav = tmp_path / f"{source.stem}.wav"
        subprocess.run(["oggdec", "-Q", "-o", wav, source], check=True)
        comments = OggVorbis(source)
        tags = {key: comments[key][0] for key in ("title", "artist", "album", "date")}
        _encode_flac(wav, folders["flac"] / f"{source.stem}.flac", tags, number)
        _encode_mp3(wav, folders["mp3"] / f"{source.stem}.mp3", tags, number)
    return library


def _encode_flac(wav: Path, target: Path, tags: dict[str, str], number: int) -> None:
    pairs = {**tags, "tracknumber": str(number)}.items()
    options = [option for key, value in pairs for option in ("-T", f"{key}={value}")]
    subprocess.run(["flac", "--silent", *options, "-o", target, wav], check=True)


def _encode_mp3(wav: Path, target: Path, tags: dict[str, str], number: int) -> None:
    options = ["--tt", tags["title"], "--ta", tags["artist"], "--tl", tags["album"], "--ty", tags["date"]]
    subprocess.run(["lame", "--quiet", "-V0", *options, "--tn", str(number), wav, target], check=True)


def test_each_site_is_told_what_the_files_say(
    sites: dict[str, SandboxSite], library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _write_config(tmp_path, sites)
    data = str(tmp_path / "data")
    code = run(
        [
            "upload",
            str(library),
            "--tracker",
            "all",
            "--yes",
            "--json",
            "--config",
            str(config),
            "--data-dir",
            data,
        ]
    )

    output = capsys.readouterr()
    events = [json.loads(line) for line in output.out.splitlines()]
    assert code == 0, output.err
    assert events[-1]["counts"]["done"] == 6
    for tracker_id, site in sites.items():
        key, category = ("format_id", "6") if tracker_id == "MH" else ("type_id", "5")
        by_format = {upload.fields[key]: upload for upload in site.uploads}
        assert set(by_format) == {"10", "11", "30"}
        for format_id, label in {"10": "FLAC", "11": "MP3 V0", "30": "Vorbis q5"}.items():
            _assert_told(by_format[format_id], label, category)


def _assert_told(upload: StoredUpload, label: str, category: str) -> None:
    name, description = upload.fields["name"].replace(".", " "), upload.fields["description"]
    sources = [OggVorbis(path) for path in sorted(MUSIC.glob("*.ogg"))]
    assert label in name
    assert sources[0]["album"][0] in name
    for source in sources:
        assert source["title"][0] in description
    assert upload.fields["category_id"] == category


def _write_config(folder: Path, sites: dict[str, SandboxSite]) -> Path:
    tables = [
        f"""[trackers.{tracker_id}]
url = "{site.url}"
announce_url = "{site.announce_url}"
api_key = "sandbox-key"
format_ids = {{ FLAC = "10", MP3 = "11", OGG = "30" }}
"""
        for tracker_id, site in sites.items()
    ]
    config = folder / "config.toml"
    config.write_text("\n".join(tables), encoding="utf-8")
    return config
