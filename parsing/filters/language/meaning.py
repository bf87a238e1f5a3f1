"""What a written value means for a field and an operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from parsing.filters.language.literals import (
    ValueMistakeError,
    address,
    address_or_network,
    network,
    number,
    plain_number,
    status_class,
)
from parsing.filters.language.tokens import Piece
from parsing.filters.language.tree import Absent, Address, Glob, Number, Range, Single, Word, glob
from parsing.filters.language.written_times import moment, moments
from parsing.knowledge.fields import VIRTUAL, Field
from parsing.knowledge.fields import Kind as FieldKind
from parsing.suggest import did_you_mean

ORDER = ("<", "<=", ">", ">=")
LOGS = ("iis", "httperr")

LONGEST_WORD = 8_000
"""Characters of text compared ignoring case; a longer one would not fit a regular expression."""


def meaning(pieces: Sequence[Piece], field: Field, operator: str, tz: tzinfo) -> Single | Range:
    """One value of a field; raises ``ValueMistakeError``. Lists are taken apart before."""
    text = "".join(piece.text for piece in pieces)
    is_quoted = any(piece.is_quoted for piece in pieces)
    if text == "-" and not is_quoted:
        if operator in ORDER:
            raise ValueMistakeError(f"nothing is more or less than -, which stands for {field.name} not logged")
        return Absent()
    match field.kind:
        case FieldKind.NUMBER:
            return _number(text, field, operator)
        case FieldKind.TIME:
            return _time(text, operator, tz)
        case FieldKind.ADDRESS:
            return _address(pieces, text, field, operator, is_quoted=is_quoted)
        case FieldKind.TEXT:
            return _text(pieces, text, field, operator, is_quoted=is_quoted)


def _number(text: str, field: Field, operator: str) -> Single | Range:
    if ".." in text:
        _refuse_order(text, operator)
        return _range(text, field)
    if "*" in text and operator == ":":
        return _glob_of_digits(text, field)
    found = status_class(text, field)
    if found is not None:
        _refuse_order(text, operator)
    return found or number(text, field)


def _range(text: str, field: Field) -> Range:
    first, _, last = text.partition("..")
    if not first and not last:
        raise ValueMistakeError("a range needs at least one end", f"{field.short or field.name}:5..10, 5.. or ..10")
    low = number(first, field) if first else None
    high = number(last, field) if last else None
    if low is not None and high is not None and high.value < low.value:
        raise ValueMistakeError(f"{text} ends before it begins", "swap its ends")
    return Range(low, high)


def _glob_of_digits(text: str, field: Field) -> Glob:
    parts = text.split("*")
    if not all(part.isascii() and (part.isdigit() or not part) for part in parts):
        raise ValueMistakeError(f"{text} matches no number, and {field.name} is one")
    return glob(parts)


def _time(text: str, operator: str, tz: tzinfo) -> Single | Range:
    if operator not in ORDER:
        return moments(text, tz)
    if ".." in text:
        _refuse_order(text, operator)
    return moment(text, tz)


def _refuse_order(text: str, operator: str) -> None:
    if operator in ORDER:
        raise ValueMistakeError(f"{text} is more than one value", "compare with a single one")


def _address(pieces: Sequence[Piece], text: str, field: Field, operator: str, *, is_quoted: bool) -> Single | Range:
    if operator in ORDER:
        end = address(text)
        if end is None:
            raise ValueMistakeError(f"{text} is no address, and {field.name} is one")
        return end
    if not is_quoted and ".." in text:
        return _address_range(text)
    if operator == ":" and _has_star(pieces):
        return _glob(pieces)
    if is_quoted:
        return address(text) or (network(text) if operator == ":" else None) or _word(text, operator)
    return address_or_network(text) or _word(text, operator)


def _address_range(text: str) -> Range:
    first, _, last = text.partition("..")
    ends = [address_or_network(end) if end else None for end in (first, last)]
    low, high = (end if isinstance(end, Address) else None for end in ends)
    if (first and low is None) or (last and high is None) or not (low or high):
        raise ValueMistakeError(f"{text} is no range of addresses", "10.2.0.1..10.2.0.9, or a network: 10.2.0.0/16")
    if low and high and low.address.version != high.address.version:
        raise ValueMistakeError("the ends of the range are addresses of different versions")
    if low and high and int(high.address) < int(low.address):
        raise ValueMistakeError(f"{text} ends before it begins", "swap its ends")
    return Range(low, high)


def _text(pieces: Sequence[Piece], text: str, field: Field, operator: str, *, is_quoted: bool) -> Single | Range:
    if operator in ORDER:
        return _order_of_text(text, field)
    if operator == ":" and not is_quoted:
        found = _numeric_range(text) or network(text)
        if found is not None:
            return found
    if operator == ":" and _has_star(pieces):
        return _glob(pieces)
    if field in VIRTUAL and field.name == "log" and text.lower() not in LOGS:
        hint = did_you_mean(text, LOGS, otherwise="the logs are iis and httperr")
        raise ValueMistakeError(f"{text} is no log", hint)
    return _word(text, operator)


def _order_of_text(text: str, field: Field) -> Number:
    end = plain_number(text)
    if end is None:
        raise ValueMistakeError(
            f"{field.name} is text: it is more or less than a number at most", "compare with : or ="
        )
    return end


def _numeric_range(text: str) -> Range | None:
    """``1..5`` compares text as numbers; anything else with two dots is text (``/a/../b``)."""
    first, dots, last = text.partition("..")
    low, high = (plain_number(end) if end else None for end in (first, last))
    if not dots or (first and low is None) or (last and high is None) or not (low or high):
        return None
    if low and high and high.value < low.value:
        raise ValueMistakeError(f"{text} ends before it begins", "swap its ends, or quote it if it is text")
    return Range(low, high)


def _word(text: str, operator: str) -> Word:
    if operator == ":":
        _check_length(text)
    return Word(text)


def _check_length(text: str) -> None:
    if len(text) > LONGEST_WORD:
        raise ValueMistakeError(f"the text is longer than {LONGEST_WORD:,} characters", "= compares text of any length")


def _has_star(pieces: Sequence[Piece]) -> bool:
    return any("*" in piece.text for piece in pieces if not piece.is_quoted)


def _glob(pieces: Sequence[Piece]) -> Glob:
    parts = [""]
    for piece in pieces:
        first, *rest = [piece.text] if piece.is_quoted else piece.text.split("*")
        parts[-1] += first
        parts += rest
    _check_length("".join(parts))
    return glob(parts)
