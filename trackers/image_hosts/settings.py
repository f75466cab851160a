"""Image hosts as data: all take a picture in one POST, and differ in names only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from pipeline.secret import Secret


class KeyPlace(StrEnum):
    """What part of the request carries the account's key."""

    FIELD = "field"
    PARAM = "param"
    HEADER = "header"


@frozen(kw_only=True)
class HostShape:
    """How a picture is sent to a host, and where its address stands in the answer."""

    url: str
    file_field: str
    address: str = "{text}"
    """Of the picture: `{data.url}` is what stands there in a JSON answer, `{text}` the whole answer,
    `{origin}` the host's own address."""
    key_place: KeyPlace = KeyPlace.FIELD
    key_name: str | None = None
    """None sends no key."""
    key_required: bool = False
    fields: Mapping[str, str] = field(factory=dict)


READY_MADE: Mapping[str, HostShape] = {
    "ptpimg": HostShape(
        url="https://ptpimg.me/upload.php",
        file_field="file-upload[0]",
        address="{origin}/{0.code}.{0.ext}",
        key_name="api_key",
        key_required=True,
    ),
    "imgbb": HostShape(
        url="https://api.imgbb.com/1/upload",
        file_field="image",
        address="{data.url}",
        key_place=KeyPlace.PARAM,
        key_name="key",
        key_required=True,
    ),
    "catbox": HostShape(
        url="https://catbox.moe/user/api.php",
        file_field="fileToUpload",
        key_name="userhash",
        fields={"reqtype": "fileupload"},
    ),
}


@frozen(kw_only=True)
class ImageHostConfig:
    """A host that the user has named; its name is that of its table."""

    name: str
    shape: HostShape
    api_key: Secret | None = None
    timeout: float = 30.0
    """Seconds for the whole of an upload."""
