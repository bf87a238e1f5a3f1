"""``-``: no value was logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parsing.filters.values.value import FilterValue, ValueMistakeError, Written


@dataclass(frozen=True, slots=True)
class Absent(FilterValue):
    """The field was not logged. Its test is that of the compiler, which knows the layout of a row."""

    is_single: ClassVar[bool] = True
    names_nobody: ClassVar[bool] = True

    def __str__(self) -> str:
        return "-"

    @classmethod
    def read(cls, written: Written) -> Absent | None:
        if written.text != "-" or written.is_quoted:
            return None
        if written.is_ordered:
            reason = f"nothing is more or less than -, which stands for {written.field.name} not logged"
            raise ValueMistakeError(reason)
        return cls()
