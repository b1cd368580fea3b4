"""`copydesk explain`: the decision on each line, for people and as JSON."""

from __future__ import annotations

import json

from tests.conftest import ROOT, Command

SEED = str(ROOT / "seeds" / "000_bca97a53f92043e2.txt")


def test_json_names_the_evidence_under_its_new_and_its_former_key(command: Command) -> None:
    """`--json` gives each block's `evidence`, and the same list as `witnesses`, the key of the release before."""
    page = json.loads(command("explain", SEED, "--json").out)
    assert any(block["evidence"] for block in page["blocks"])
    assert all(block["witnesses"] == block["evidence"] for block in page["blocks"])
    line = json.loads(command("explain", SEED, "--why", "36", "--json").out)
    assert line["witnesses"] == line["evidence"] == page["blocks"][35]["evidence"]
