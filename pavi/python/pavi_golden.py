"""Checks `pavi_flags.py` against `pavi/golden-vectors.json` and prints how many rows agree. Needs no packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "flags/python"))
import golden  # noqa: E402
from pavi_flags import FlagReader  # noqa: E402

VECTORS = Path(__file__).resolve().parent.parent / "golden-vectors.json"


def rows() -> list[tuple[str, str, str, str]]:
    """Returns one row per document and job: value of the parameter, job id, wanted backend, actual backend."""
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    words = {"s": "step-functions", "n": "nextflow"}
    found = []
    for document in vectors["documents"]:
        text = document["text"]
        reader = FlagReader(fetch=lambda text=text: text)
        reader.refresh()
        reader.stop()
        for job_id, wanted in zip(vectors["jobIds"], document["backends"], strict=True):
            found.append((text, job_id, words[wanted], reader.route(job_id)))
    return found


if __name__ == "__main__":
    sys.exit(golden.report("PAVI", rows()))
