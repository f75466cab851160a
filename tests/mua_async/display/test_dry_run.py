from __future__ import annotations

import io

from mua_async.display.dry_run import DryRunPrinter
from pipeline.events import PreparedFile, RequestPrepared
from tests.support import display_run as run


def test_a_request_is_shown_whole_and_in_its_order() -> None:
    stream = io.StringIO()
    printer = DryRunPrinter(stream)
    printer(run.tags(run.KIND, "Miles Davis", "Kind of Blue"))
    printer(
        RequestPrepared(
            album=run.KIND,
            content_id="a1-0",
            tracker="MH",
            method="POST",
            url="https://mh.example/api/upload?api_token=****",
            headers=(("Authorization", "Bearer ****"), ("Accept", "application/json")),
            fields=(
                ("name", "Miles Davis - Kind of Blue"),
                ("description", "[b]Kind of Blue[/b]\n\n1. So What\x1b[31m"),
                ("tags[]", "jazz"),
                ("tags[]", "modal"),
            ),
            files=(PreparedFile(field="torrent", name="Kind.torrent", size=1234, sha1="ab" * 20),),
        )
    )
    printer.finish()
    assert stream.getvalue() == (
        "Kind of Blue (Miles Davis - Kind of Blue) -> MH\n"
        "  POST https://mh.example/api/upload?api_token=****\n"
        "  headers\n"
        "    Authorization: Bearer ****\n"
        "    Accept: application/json\n"
        "  fields\n"
        "    name: Miles Davis - Kind of Blue\n"
        "    description:\n"
        "      [b]Kind of Blue[/b]\n"
        "      \n"
        "      1. So What\\x1b[31m\n"
        "    tags[]: jazz\n"
        "    tags[]: modal\n"
        "  files\n"
        f"    torrent: Kind.torrent (1234 bytes, sha1 {'ab' * 20})\n"
        "\n"
        "Nothing was sent.\n"
    )


def test_other_events_print_nothing() -> None:
    stream = io.StringIO()
    printer = DryRunPrinter(stream)
    for event in run.whole():
        printer(event)
    assert stream.getvalue() == ""
