"""The table `search` of a site of unknown make: how it is asked what it has; see docs/described-sites.md."""

from __future__ import annotations

from trackers.described.description import FieldTemplate, Rule, Search

from . import urls, values
from .answer_rules import REFUSAL, SUCCESS, Parts, rules, source, telling_pattern
from .described import field_templates

TEXTS = ("infohash", "name", "id", "url", "download_url")
MISSING = {
    "endpoint": 'is missing: where it is asked, as in endpoint = "api/torrents"',
    "params": 'is missing: what is asked for, as in { q = "{{ name }}" }',
}
NO_PROOF = "must look at something in the answer beside its status, which may be that of any page"


def search(value: object) -> Search:
    parts = Parts(value, ("endpoint", "params", "entries", "done", "empty", *TEXTS, "name_proves", "absent"))
    written = parts.table.get("entries")
    kind = "regex" if isinstance(written, dict) and "regex" in written else "json"
    infohash, name, torrent_id, url, download_url = (
        parts.take(key, source(f"search.{key}", (kind,))) for key in TEXTS
    )
    found = Search(
        endpoint=parts.take("endpoint", urls.endpoint) or "",
        params=parts.take("params", _params) or (),
        entries=parts.take("entries", source("search.entries", ("json", "regex"))),
        done=parts.take("done", rules("search.done", SUCCESS)) or (),
        empty=parts.take("empty", rules("search.empty", REFUSAL)) or (),
        name_proves=bool(parts.take("name_proves", values.boolean)),
        absent=bool(parts.take("absent", values.boolean)),
        infohash=infohash,
        name=name,
        id=torrent_id,
        url=url,
        download_url=download_url,
    )
    for key, told in MISSING.items():
        if key not in parts.table:
            parts.wrong(key, told)
    _check_proofs(parts, found, kind)
    parts.end()
    return found


def _check_proofs(parts: Parts, found: Search, kind: str) -> None:
    given = parts.table
    if not {"infohash", "name"} & given.keys():
        parts.wrong(
            "infohash", f"is missing, and so is `name`: what tells an entry is ours, as in {{ {kind} = ... }}"
        )
    if kind == "regex" and "empty" not in given:
        parts.wrong("empty", 'is missing: what a page without finds shows, as in { text = "Nothing found" }')
    if found.name_proves and "infohash" in given:
        parts.wrong("name_proves", "is for a site that tells no `infohash`")
    if found.name_proves and "name" not in given:
        parts.wrong("name_proves", "needs `name`, where it stands in an entry")
    if found.absent and "infohash" not in given:
        parts.wrong("absent", "needs `infohash`: only that tells for sure that an entry is another upload")
    for rule in found.empty:
        _check_emptiness(parts, rule)


def _check_emptiness(parts: Parts, rule: Rule) -> None:
    """That nothing is there lets an upload be sent: it takes as much proof as a success."""
    if not rule.sees_proof:
        parts.problems.append((_below(rule), NO_PROOF))
    for condition in rule.conditions:
        if condition.regex is not None:
            try:
                telling_pattern(condition.regex)
            except ValueError as error:
                parts.problems.append((f"{_below(condition)}.regex", str(error)))


def _below(rule: Rule) -> str:
    return rule.place.removeprefix("search")


def _params(value: object) -> tuple[FieldTemplate, ...]:
    from trackers.described.fields import SEARCH_NAMES, names_used  # with Jinja2, which little else needs

    params = field_templates(value, SEARCH_NAMES, nested=False)
    if not names_used(params):
        raise ValueError("none of them asks for {{ name }} or {{ infohash }}")
    return params
