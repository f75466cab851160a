"""Image hosts: each way of sending a picture, their order, their faults, and what is remembered of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from attrs import define, evolve, field

from pipeline.journal import Journal
from pipeline.model.release import Cover
from pipeline.secret import Secret
from tests.support.pictures import BLUE, picture
from tests.support.raw_site import Exchange, raw_site
from trackers.image_hosts.hosting import FAILURES_IN_A_ROW, ImageHosts, NotHosted
from trackers.image_hosts.settings import READY_MADE, HostShape, ImageHostConfig, KeyPlace
from trackers.sandbox.image_host import API_KEY, HostTrouble, SandboxImageHost

COVER = Cover(picture(), "image/jpeg", 60, 60, "cover.jpg")
OTHER = Cover(picture(BLUE, kind="PNG"), "image/png", 60, 60, "folder.png")
PATHS = {"ptpimg": "upload.php", "imgbb": "1/upload", "catbox": "user/api.php"}
OWN = HostShape(
    url="",
    file_field="picture",
    address="{files.0.link}",
    key_place=KeyPlace.HEADER,
    key_name="X-Api-Key",
)


@define
class Memory:
    """Remembers for the length of a test."""

    known: dict[tuple[bytes, str], str] = field(factory=dict)

    async def find_picture(self, digest: bytes, hosts: Sequence[str]) -> tuple[str, str] | None:
        found = [(host, self.known[digest, host]) for host in hosts if (digest, host) in self.known]
        return found[0] if found else None

    async def note_picture(self, digest: bytes, host: str, url: str) -> None:
        self.known[digest, host] = url


def host_at(
    site: SandboxImageHost, kind: str = "imgbb", name: str = "", timeout: float = 5.0
) -> ImageHostConfig:
    """The sandbox as a host of one of the known makes, or of its own."""
    shape = READY_MADE.get(kind, OWN)
    shape = evolve(shape, url=f"{site.url}/{PATHS.get(kind, 'pictures')}")
    return ImageHostConfig(name=name or kind, shape=shape, api_key=Secret(API_KEY), timeout=timeout)


@asynccontextmanager
async def two_hosts() -> AsyncIterator[tuple[SandboxImageHost, SandboxImageHost]]:
    async with SandboxImageHost() as first, SandboxImageHost() as second:
        yield first, second


@asynccontextmanager
async def hosting(*configs: ImageHostConfig, memory: Memory | None = None) -> AsyncIterator[ImageHosts]:
    async with ImageHosts(configs, memory or Memory()) as hosts:
        yield hosts


@pytest.mark.parametrize("kind", [*READY_MADE, "own"])
@pytest.mark.parametrize("cover", [COVER, OTHER], ids=["jpeg", "png"])
async def test_a_picture_lies_at_the_address_that_is_told(kind: str, cover: Cover) -> None:
    async with SandboxImageHost() as site, hosting(host_at(site, kind)) as hosts:
        hosted = await hosts.place(cover, None)
        assert hosted.url.startswith(f"{site.url}/")
        assert site.pictures[hosted.url.rpartition("/")[2]].data == cover.data
        assert (hosted.host, hosted.before) == (kind, False)


async def test_the_first_host_in_order_takes_it() -> None:
    async with two_hosts() as (first, second):
        async with hosting(host_at(first, name="one"), host_at(second, name="two")) as hosts:
            assert (await hosts.place(COVER, None)).host == "one"
            assert (await hosts.place(OTHER, ["two", "one"])).host == "two"
        assert (first.asked, second.asked) == (1, 1)


@pytest.mark.parametrize("trouble", HostTrouble)
async def test_a_dead_host_gives_way_to_the_next(trouble: HostTrouble) -> None:
    async with two_hosts() as (first, second):
        first.trouble = trouble
        one, two = host_at(first, name="one", timeout=0.2), host_at(second, name="two")
        async with hosting(one, two) as hosts:
            assert (await hosts.place(COVER, None)).host == "two"


async def test_a_host_that_cannot_be_reached_gives_way_to_the_next() -> None:
    async with SandboxImageHost() as gone:
        nobody = host_at(gone, name="one")
    async with SandboxImageHost() as site, hosting(nobody, host_at(site, name="two")) as hosts:
        assert (await hosts.place(COVER, None)).host == "two"


async def test_where_all_fail_each_is_named_with_its_reason_and_no_key() -> None:
    async with two_hosts() as (first, second):
        first.trouble = HostTrouble.ERROR
        wrong = evolve(host_at(second, "imgbb", "two"), api_key=Secret("wr0ng-key-0f-the-user"))
        async with hosting(host_at(first, name="one"), wrong) as hosts:
            with pytest.raises(NotHosted) as caught:
                await hosts.place(COVER, None)
    told = str(caught.value)
    assert "one: status 503" in told
    assert "two: status 400: " in told
    assert "Invalid API v1 key." in told
    assert "wr0ng" not in told
    assert API_KEY not in told


async def test_a_host_that_keeps_failing_is_left_alone() -> None:
    async with SandboxImageHost() as site, hosting(host_at(site)) as hosts:
        site.trouble = HostTrouble.ERROR
        for _ in range(FAILURES_IN_A_ROW + 2):
            with pytest.raises(NotHosted):
                await hosts.place(COVER, None)
        assert site.asked == FAILURES_IN_A_ROW


async def test_many_trackers_cost_one_upload() -> None:
    async with SandboxImageHost() as site, hosting(host_at(site)) as hosts:
        urls = set()

        async def place() -> None:
            urls.add((await hosts.place(COVER, None)).url)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(place)
        assert (site.asked, len(urls)) == (1, 1)


async def test_a_later_run_costs_none(tmp_path: Path) -> None:
    async with SandboxImageHost() as site:
        for before in (False, True):
            async with Journal(tmp_path) as journal, ImageHosts([host_at(site)], journal) as hosts:
                assert (await hosts.place(COVER, None)).before is before
        assert site.asked == 1


async def test_what_one_host_has_another_is_asked_for_where_only_that_is_allowed() -> None:
    async with (
        two_hosts() as (first, second),
        hosting(host_at(first, name="one"), host_at(second, name="two")) as hosts,
    ):
        await hosts.place(COVER, ["one"])
        assert (await hosts.place(COVER, ["two", "one"])).before
        assert (await hosts.place(COVER, ["two"])).host == "two"


@pytest.mark.parametrize(
    "address",
    [
        "http://pictures.example/p.jpg",
        "javascript:alert(1)",
        "https://pictures.example/",
        "https://pictures.example/p.jpg[/img]",
        'https://pictures.example/"p.jpg',
        "https://pictures.example/" + 300 * "p",
        "https://pictures.example/a b.jpg",
        "thank you",
        "",
    ],
)
async def test_an_address_that_may_not_be_published_is_refused(address: str) -> None:
    async def say(exchange: Exchange) -> None:
        await exchange.request()
        await exchange.answer(200, address.encode())

    async with raw_site(say) as site:
        shape = HostShape(url=f"{site.url}/upload", file_field="file")
        async with hosting(ImageHostConfig(name="raw", shape=shape)) as hosts:
            with pytest.raises(NotHosted, match="its answer holds no address"):
                await hosts.place(COVER, None)
