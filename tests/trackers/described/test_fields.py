"""The fields that a user's templates make."""

from __future__ import annotations

from typing import Any

import pytest

from mua_async.config.described import upload_fields
from pipeline.model.upload import UploadRequest
from tests.support.raw_site import answering
from tests.support.requests import on_raw_site, with_album
from trackers.described.described_tracker import DescribedTracker
from trackers.described.fields import FieldFault, as_form, as_json, render_fields
from trackers.request import json_value, reveal
from trackers.tracker_config import ApiFormat

VALUES: dict[str, Any] = {
    "release": None,
    "name": "N",
    "description": "D",
    "category_id": "5",
    "format_id": None,
    "anonymous": False,
    "tags": ("Rock", "Pop"),
    "torrent_name": "N.torrent",
}


def rendered(table: dict[str, object]) -> list[tuple[str, Any]]:
    return list(render_fields(upload_fields(table), VALUES))


@pytest.mark.parametrize(
    ("value", "in_json", "in_form"),
    [
        ("{{ name }}", "N", ["N"]),
        ("{{ category_id | int }}", 5, ["5"]),
        ("{{ category_id | int }} ", "5 ", ["5 "]),
        ("{{ anonymous }}", False, ["0"]),
        ("{{ not anonymous }}", True, ["1"]),
        ("{{ tags }}", ["Rock", "Pop"], ["Rock", "Pop"]),
        ("{{ tags | map('upper') }}", ["ROCK", "POP"], ["ROCK", "POP"]),
        ("{{ tags | join(', ') }}", "Rock, Pop", ["Rock, Pop"]),
        ("{{ format_id or '' }}", "", [""]),
        (7, 7, ["7"]),
        (True, True, ["1"]),
        ("", "", [""]),
    ],
)
def test_a_value_keeps_its_type_in_json_and_is_text_in_a_form(
    value: object, in_json: object, in_form: list[str]
) -> None:
    fields = rendered({"x": value})
    assert [json_value(part) for _, part in as_json(fields)] == [in_json]
    assert [reveal(part) for _, part in as_form(fields)] == in_form


def test_what_has_no_value_is_left_out_at_every_depth() -> None:
    table: dict[str, object] = {
        "x": "{{ format_id }}",
        "y": {"a": "{{ format_id }}", "{{ name }}": ["{{ format_id }}", 1]},
    }
    assert rendered(table) == [("y", {"N": [1]})]


@pytest.mark.parametrize(
    "table",
    [
        {"x": "{{ name / 2 }}"},
        {"x": "{{ release.artist }}"},
        {"x": "{{ {'a': 1} }}"},
        {"x": "{{ name[0].nothing }}"},
        {"x": "{{ (tags * 900) }}{{ name * 900000 }}"},
        {"x": "{{ name * 300000 }}"},
        {"x": "{{ range(99999) | list }}"},
        {"{{ format_id }}": "1"},
        {"{{ tags }}": "1"},
        {"N": "1", "{{ name }}": "2"},
    ],
)
def test_a_template_that_fails_says_so(table: dict[str, object]) -> None:
    with pytest.raises(FieldFault):
        rendered(table)


@pytest.mark.parametrize("source", ["{{ password }}", "{{ config }}", "{{ self }}", "{{ ''.__class__ }}"])
def test_templates_reach_nothing_else(source: str) -> None:
    with pytest.raises((ValueError, FieldFault)):
        rendered({"x": source})


async def test_a_table_of_ids_is_needed_only_where_its_name_is_used(album: UploadRequest) -> None:
    fields = upload_fields({"title": "{{ name }}", "cat": "{{ category_id }}"})
    ids = {"category_ids": {"EP": "1"}, "format_ids": {}}
    async with on_raw_site(answering(200), DescribedTracker, fields=fields, **ids) as (_, it):
        (problem,) = it.tracker.problems(album.release)
    assert "category_ids has no SINGLE" in problem


@pytest.mark.parametrize("genres", [("Rock", "Pop"), ()], ids=["two", "none"])
async def test_a_list_is_a_field_that_a_form_has_more_than_once(
    album: UploadRequest, genres: tuple[str, ...]
) -> None:
    fields = upload_fields({"tags[]": "{{ tags }}", "n": "{{ name }}"})
    async with on_raw_site(
        answering(200, b'{"success": true}'), DescribedTracker, fields=fields, api_format=ApiFormat.FORM
    ) as (site, it):
        await it.tracker.upload(with_album(album, genres=genres))
    assert site.bodies[0].count(b'name="tags[]"') == len(genres)
