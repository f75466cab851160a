"""The address of the cover: in the description, in a field of the form, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from pipeline.describe import render_description
from pipeline.errors import Skipped
from pipeline.events import CoverHosted, RequestPrepared
from pipeline.model.release import Cover, Release
from pipeline.model.rules import SiteRules
from pipeline.model.upload import UploadRequest
from tests.support.pictures import picture
from tests.support.requests import connected, sandbox_config, tracker_config
from tests.trackers.test_image_hosts import host_at, hosting
from trackers.described.described_tracker import DescribedTracker
from trackers.described.description import FieldTemplate
from trackers.generic_tracker import GenericTracker
from trackers.image_hosts.hosting import STAND_IN, ImageHosts, Rehearsal
from trackers.request import FieldValue
from trackers.sandbox import Flavor, SandboxSite
from trackers.sandbox.image_host import HostTrouble, SandboxImageHost
from trackers.tracker_config import CoverDemand
from trackers.unit3d_tracker import Unit3dTracker

COVER = Cover(picture(), "image/jpeg", 60, 60, "cover.jpg")


class ByAddress(GenericTracker):
    """A site that takes the address of a picture in its form."""

    wants_cover_url = True

    async def _build_form_data(self, request: UploadRequest) -> dict[str, FieldValue]:
        return {**await super()._build_form_data(request), "image": request.cover_url or ""}


@pytest.fixture
def request_with_cover(album: UploadRequest) -> UploadRequest:
    release = evolve(album.release, cover=COVER)
    return evolve(album, release=release, description=render_description(release, "default_description"))


async def sent(
    request: UploadRequest,
    hosts: ImageHosts | Rehearsal | None,
    cls: type[GenericTracker] = GenericTracker,
    **config: Any,
) -> tuple[Mapping[str, str], list[CoverHosted]]:
    """The fields that the site got, and what was told of the cover."""
    flavor = Flavor.UNIT3D if issubclass(cls, Unit3dTracker) else Flavor.GENERIC
    async with (
        SandboxSite(flavor) as site,
        connected(sandbox_config(site, **config), cls, hosting=hosts) as it,
    ):
        await it.tracker.upload(request)
        (upload,) = site.uploads
        return upload.fields, list(it.heard(CoverHosted))


@pytest.mark.parametrize("cls", [GenericTracker, Unit3dTracker])
async def test_a_description_shows_the_cover(
    request_with_cover: UploadRequest, cls: type[GenericTracker]
) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        fields, told = await sent(request_with_cover, hosts, cls, cover_in_description=True)
        (event,) = told
        assert fields["description"].startswith(f"[img]{event.url}[/img]\n\n[b]The Testers - First Light[/b]")
        assert event.url is not None
        assert event.url.rpartition("/")[2] in pictures.pictures
        assert event.host == "imgbb"


async def test_a_template_of_the_users_decides_where_it_stands(request_with_cover: UploadRequest) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        template = "{{ release.title }}{% if cover_url %} [url={{ cover_url }}]cover[/url]{% endif %}"
        fields, (event,) = await sent(
            request_with_cover, hosts, cover_in_description=True, description_template=template
        )
    assert fields["description"] == f"First Light [url={event.url}]cover[/url]"


async def test_a_field_takes_the_address(request_with_cover: UploadRequest) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        fields, (event,) = await sent(request_with_cover, hosts, ByAddress)
    assert fields["image"] == event.url
    assert "[img]" not in fields["description"]


async def test_a_described_field_takes_the_address(request_with_cover: UploadRequest) -> None:
    described = [
        *(
            FieldTemplate(name, f"{{{{ {name} }}}}")
            for name in ("name", "description", "category_id", "format_id")
        ),
        FieldTemplate("picture", "{{ cover_url }}"),
    ]
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        fields, (event,) = await sent(request_with_cover, hosts, DescribedTracker, fields=tuple(described))
    assert fields["picture"] == event.url


async def test_nothing_is_put_anywhere_for_a_site_that_does_not_want_it(
    request_with_cover: UploadRequest,
) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        refused: dict[str, Any] = {"cover_in_description": True, "cover": CoverDemand.NONE}
        for config in ({}, refused):
            fields, told = await sent(request_with_cover, hosts, **config)
            assert (told, pictures.asked) == ([], 0)
            assert "[img]" not in fields["description"]


async def test_with_every_host_dead_it_goes_on_without_and_says_why(
    request_with_cover: UploadRequest,
) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        pictures.trouble = HostTrouble.ERROR
        fields, (event,) = await sent(request_with_cover, hosts, cover_in_description=True)
    assert "[img]" not in fields["description"]
    assert event.url is None
    assert event.problem is not None
    assert event.problem.startswith("imgbb: status 503")


async def test_without_any_host_it_goes_on_without_and_says_so_if_asked(
    request_with_cover: UploadRequest,
) -> None:
    _, (event,) = await sent(request_with_cover, None, cover_in_description=True)
    assert event.problem is not None
    assert "no image host is configured" in event.problem
    assert (await sent(request_with_cover, None, ByAddress))[1] == []


async def test_a_site_that_must_have_it_gets_nothing_without(request_with_cover: UploadRequest) -> None:
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        pictures.trouble = HostTrouble.ERROR
        with pytest.raises(Skipped, match="wants a cover: imgbb: status 503") as caught:
            await sent(request_with_cover, hosts, ByAddress, cover=CoverDemand.REQUIRED)
    assert caught.value.reason == "missing"


async def test_a_description_that_has_no_room_for_it_stays_as_it_is(
    request_with_cover: UploadRequest,
) -> None:
    size = len(request_with_cover.description.encode())
    cls = type("Narrow", (GenericTracker,), {"rules": SiteRules(description_bytes=size)})
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        fields, told = await sent(request_with_cover, hosts, cls, cover_in_description=True)
    assert fields["description"] == request_with_cover.description
    assert told[-1].problem is not None
    assert f"the site takes {size}" in told[-1].problem


async def test_a_template_that_fails_on_the_address_sends_nothing(request_with_cover: UploadRequest) -> None:
    template = "{{ release.title }}{{ cover_url / 2 if cover_url }}"
    async with SandboxImageHost() as pictures, hosting(host_at(pictures)) as hosts:
        with pytest.raises(Skipped, match="description_template, line 1"):
            await sent(request_with_cover, hosts, cover_in_description=True, description_template=template)


async def test_a_dry_run_shows_a_stand_in(request_with_cover: UploadRequest) -> None:
    config = tracker_config("https://site.example", cover_in_description=True)
    async with connected(config, ByAddress, dry_run=True, hosting=Rehearsal()) as it:
        with pytest.raises(Skipped, match="sends nothing"):
            await it.tracker.upload(request_with_cover)
    (event,) = it.heard(RequestPrepared)
    fields = dict(event.fields)
    assert fields["image"] == STAND_IN
    assert fields["description"].startswith(f"[img]{STAND_IN}[/img]")


def test_a_name_never_holds_the_address(request_with_cover: UploadRequest) -> None:
    from pipeline.describe import render_name

    release: Release = request_with_cover.release
    assert render_name(release, "{{ release.title }} ({{ cover_url }})") == "First Light"
