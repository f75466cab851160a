"""What an adapter's files and classes are called."""

from __future__ import annotations

from attrs import frozen

from pipeline.errors import UsageError
from trackers.registry import NOT_SITES, SUFFIX, TEST_PREFIX, module_stem
from trackers.tracker_config import ID_PATTERN

LONGEST_ID = 64
"""Characters: far more than a site's short name has, far fewer than a file's name may have."""


@frozen
class AdapterNames:
    """The names that follow from an id, as the registry looks for them."""

    tracker_id: str
    """Upper case."""

    @classmethod
    def of(cls, tracker_id: str) -> AdapterNames:
        """UsageError for what is no id, or is the name of something else."""
        if not ID_PATTERN.fullmatch(tracker_id):
            raise UsageError(
                f"{tracker_id!r} is no tracker id",
                hint="an id has letters, digits, - and _, a letter or digit first",
            )
        if tracker_id.lower() == "all":
            raise UsageError("`all` stands for every enabled tracker: choose another id")
        if len(tracker_id) > LONGEST_ID:
            raise UsageError(f"a tracker id has at most {LONGEST_ID} characters, not {len(tracker_id)}")
        if module_stem(tracker_id) in NOT_SITES:
            raise UsageError(f"{tracker_id} is no site's id: a module of ours is called so already")
        if module_stem(tracker_id).startswith(TEST_PREFIX):
            raise UsageError(
                f"an adapter for {tracker_id} would be taken for a test: its file begins with {TEST_PREFIX}"
            )
        return cls(tracker_id.upper())

    @property
    def stem(self) -> str:
        return f"{module_stem(self.tracker_id)}{SUFFIX}"

    @property
    def adapter_file(self) -> str:
        return f"{self.stem}.py"

    @property
    def test_file(self) -> str:
        return f"test_{self.stem}.py"

    @property
    def bare(self) -> str:
        return self.tracker_id.replace("-", "").replace("_", "")

    @property
    def adapter_class(self) -> str:
        """A name must not begin with a digit; the registry compares without `_`."""
        prefix = "_" if self.bare[0].isdigit() else ""
        return f"{prefix}{self.bare}Tracker"

    @property
    def test_class(self) -> str:
        return f"Test{self.bare}"
