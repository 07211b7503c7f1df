"""Compares `rollout_flags.py` with `flags/golden-vectors.json` and prints how many rows agree. Needs no packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rollout_flags import FlagFormat, FlagReader, Format, Sides, Switch

VECTORS = Path(__file__).resolve().parent.parent / "golden-vectors.json"


def format_of(given: Any) -> Format:
    """The format as the file has it, as the reader takes it."""
    if given == "number":
        return "number"
    switches = [Switch(one["name"], one["above"], one["atZero"], one["whileOff"]) for one in given.get("switches", [])]
    return FlagFormat(given["percentage"], tuple(switches))


def rows() -> list[tuple[str, str, str, str]]:
    """(value of the parameter, job id, wanted side, side) of every row."""
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    found = []
    for row in vectors["rows"]:
        text, given = row["text"], format_of(row["format"])
        reader = FlagReader(fetch=lambda text=text: text, format=given, sides=Sides("n", "o"), salt=row["salt"])
        reader.refresh()
        reader.stop()
        for job_id, wanted in zip(vectors["jobIds"], row["sides"], strict=True):
            found.append((text, job_id, wanted, reader.route(job_id)))
    return found


def report(what: str, found: list[tuple[str, str, str, str]]) -> int:
    """Prints how many rows agree, and returns the exit code."""
    wrong = [row for row in found if row[2] != row[3]]
    for text, job_id, wanted, got in wrong[:10]:
        print(f"{text} {job_id!r}: {got} instead of {wanted}", file=sys.stderr)
    print(f"Python, {what}: {len(found) - len(wrong)} of {len(found)} golden vectors agree")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(report("any service", rows()))
