"""Asks how a site of an unknown make answers: what shows a success, and where its words stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...terminal import ask, tell
from .draft import Draft, toml_value
from .prompts import Place, choose, put

CONDITIONS: Mapping[str, str] = {
    "json": "a value in the JSON answer",
    "words": "words in a text of the JSON answer",
    "status": "the status alone",
    "text": "a text in the page",
    "regex": "a regular expression that the page fits",
    "location": "a regular expression for the address of a redirect",
}
SOURCES: Mapping[str, str] = {
    "json": "  at which path, as in data.id",
    "regex": "  the regular expression, with one group ( ) round it",
    "location": "  the regular expression for the redirect's address, with one group ( ) round it",
}


def ask_for_answer(draft: Draft) -> None:
    """The table `answer`."""
    tell("How the site answers an upload:")
    for kind, told in CONDITIONS.items():
        tell(f"  {kind:<8} {told}")
    ask_for_rule(draft, ("answer", "done"), "What shows a success", default="json")
    ask_for_rule(draft, ("answer", "duplicate"), "What shows a duplicate", none="it is not told apart")
    ask_for_rule(
        draft, ("answer", "refused"), "What shows another refusal", none="it counts as unknown", value="false"
    )
    if draft.table.get("api_auth_type") == "session":
        ask_for_rule(
            draft,
            ("answer", "expired"),
            "What shows that a login has expired, and nothing was taken",
            none="it counts as unknown",
        )
    ask_for_source(draft, ("answer", "id"), "Where the torrent's id stands", path="id")
    ask_for_source(draft, ("answer", "url"), "Where the address of its page stands", path="url")
    ask_for_source(draft, ("answer", "message"), "Where the site's words on a refusal stand", path="message")


def ask_for_rule(
    draft: Draft, place: Place, question: str, *, default: str = "", none: str = "", value: str = "true"
) -> None:
    """A rule at that place; where `none` says what that means, maybe none."""
    while True:
        kind = choose(question, CONDITIONS, default=default, none=none)
        if not kind or put(draft, place, _rule(kind, value)):
            return


def _rule(kind: str, value: str) -> dict[str, object]:
    match kind:
        case "json":
            place = ask("  at which path, as in data.state", default="success")
            return {"json": place, "equals": toml_value(ask("  and which value", default=value))}
        case "words":
            place = ask("  at which path, as in data.error", default="message")
            return {"json": place, "text": ask("  and which words")}
        case "status":
            return {"status": _statuses(ask("  which, as in 200 201"))}
        case _:
            return {kind: ask(f"  {CONDITIONS[kind]}")}


def _statuses(text: str) -> object:
    statuses = [toml_value(part) for part in re.split(r"[,\s]+", text)]
    return statuses[0] if len(statuses) == 1 else statuses


def ask_for_source(draft: Draft, place: Place, question: str, *, path: str) -> None:
    """Where a text stands; `path` is where it mostly does in JSON."""
    while True:
        kind = choose(question, SOURCES, none="nowhere")
        if not kind:
            return
        if put(draft, place, {kind: ask(SOURCES[kind], default=path if kind == "json" else "")}):
            return
