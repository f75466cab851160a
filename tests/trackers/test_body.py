"""What was put into a request comes out of its body, byte for byte."""

from __future__ import annotations

import base64
import json
import re

import anyio
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.secret import Secret
from trackers.body import Body, encode_body
from trackers.request import FieldValue, FormFile, Json, Request
from trackers.tracker_config import ApiFormat

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_-[]", min_size=1, max_size=12)
FILE_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\/'), min_size=1)
FIELDS = st.dictionaries(NAMES, TEXTS | st.booleans() | TEXTS.map(Secret), max_size=6)
FILES = st.lists(
    st.builds(FormFile, st.just("torrent"), FILE_NAMES, st.just("application/x-bittorrent"), st.binary()),
    max_size=1,
)
TITLE = "Ágætis Byrjun - 進撃の巨人 🎵 " * 10


def encoded(fields: dict[str, FieldValue], files: list[FormFile], body_format: ApiFormat) -> Body:
    request = Request("POST", "/", fields=tuple(fields.items()), files=tuple(files), format=body_format)
    return anyio.run(encode_body, request)


def on_the_wire(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Json):
        return json.dumps(value.value)
    return value.reveal() if isinstance(value, Secret) else value


def parts_of(body: Body) -> list[tuple[dict[str, str], str, bytes]]:
    """The parts of a multipart body as PHP reads them: parameters of the disposition, type, content."""
    match = re.fullmatch(r'multipart/form-data; boundary="?([^"]+)"?', body.content_type)
    assert match is not None
    boundary = f"--{match[1]}".encode()
    _, *parts, end = (b"\r\n" + body.data).split(b"\r\n" + boundary)
    assert end == b"--\r\n"
    found = []
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        parameters = dict(re.findall(r'(\w+)="([^"]*)"', lines["Content-Disposition"]))
        found.append((parameters, lines.get("Content-Type", ""), content))
    return found


@given(FIELDS, FILES)
@example({"name": TITLE[:200], "anonymous": False}, [FormFile("torrent", "Björk Jóga.torrent", "a/b", b"d3")])
@example({"description": "a\r\nb\nc--\r\n"}, [FormFile("torrent", "a.torrent", "a/b", bytes(range(256)) * 9)])
def test_a_multipart_body_reads_back_as_it_was_put_in(
    fields: dict[str, FieldValue], files: list[FormFile]
) -> None:
    parts = parts_of(encoded(fields, files, ApiFormat.FORM))
    texts = [(parameters, content) for parameters, _, content in parts if "filename" not in parameters]
    assert texts == [({"name": name}, on_the_wire(value).encode()) for name, value in fields.items()]
    assert [part for part in parts if "filename" in part[0]] == [
        ({"name": file.field, "filename": file.filename}, file.content_type, file.data) for file in files
    ]


@given(FIELDS, FILES)
@example({"name": TITLE[:200], "anonymous": True}, [FormFile("torrent", "a.torrent", "a/b", b"\x00\xff")])
def test_a_json_body_reads_back_as_it_was_put_in(
    fields: dict[str, FieldValue], files: list[FormFile]
) -> None:
    fields.pop("torrent", None)
    body = encoded(fields, files, ApiFormat.JSON)
    document = json.loads(body.data)
    assert body.content_type == "application/json"
    for file in files:
        assert base64.b64decode(document.pop("torrent"), validate=True) == file.data
    assert document == {
        name: value if isinstance(value, bool) else on_the_wire(value) for name, value in fields.items()
    }


def test_a_large_cover_is_sent_whole() -> None:
    """aiohttp warns of more than 1 MiB of bytes."""
    cover = FormFile("cover", "cover.jpg", "image/jpeg", bytes(3 * 1024 * 1024))
    ((_, _, content),) = parts_of(encoded({}, [cover], ApiFormat.FORM))
    assert content == cover.data


def test_a_body_and_its_files_do_not_show_in_a_repr() -> None:
    request = Request(
        "POST",
        "/",
        fields=(("key", Secret("swordfish")),),
        files=(FormFile("torrent", "a.torrent", "a/b", b"swordfish"),),
    )
    assert "swordfish" not in repr(request)
    assert "swordfish" not in repr(anyio.run(encode_body, request))
