"""Text from files and tags, made fit for a description in BBCode."""

from __future__ import annotations

import re

# The union of what UNIT3D and Gazelle take for a tag.
BBCODE_TAGS = (
    "alert|align|artist|b|bg|box|center|code|collage|color|colour|comparison|font|h[1-6]|headline|hide|hr|"
    "i|img|image|important|inlinesize|inlineurl|italic|left|li|list|mature|mediainfo|n|nfo|note|ol|pl|"
    "plain|pre|quote|right|rule|s|size|small|spoiler|sub|sup|table|tbody|td|tex|th|thead|torrent|tr|u|ul|"
    "url|user|video|youtube"
)
BBCODE_TAG = re.compile(rf"\[(?:\*|/?(?:{BBCODE_TAGS})(?=[\]=]|\s+\w+=|\s*$)[^\[\]]*)\]?", re.IGNORECASE)
FULL_WIDTH_BRACKETS = {ord("["): "\uff3b", ord("]"): "\uff3d"}


def escape_bbcode(text: str) -> str:
    """The text with full-width brackets round what a site would take for a BBCode tag.

    Entities such as `&#91;` are no way out: UNIT3D escapes their ampersand and shows them as they stand.
    Brackets that are no tag, as in `[Live]`, stay.
    """
    return BBCODE_TAG.sub(lambda tag: tag[0].translate(FULL_WIDTH_BRACKETS), text)
