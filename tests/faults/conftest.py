"""Desks that tests of a module share: making one costs a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.desks import make_desk, run
from tests.faults.equality import archive, differences, dump, ledger, scratch
from tests.faults.inputs import Inputs
from tests.servers import Site


@dataclass
class Pair:
    """Two desks over the same inputs: one that suffers, one that is left in peace."""

    inputs: Inputs
    desk: Path
    calm: Path

    def equal(self) -> None:
        """Run both in peace; assert that rows, ledger, archive and scratch space are as if nothing had happened."""
        for desk in (self.desk, self.calm):
            ended = run(desk)
            assert ended.code == 0, ended.err
        assert differences(dump(self.desk), dump(self.calm)) == []
        assert ledger(self.desk, self.inputs) == []
        assert archive(self.desk, self.inputs) == []
        assert scratch(self.desk) == []


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Give two desks, one of them with a first load; files, and a site whose pages are archived."""
    yield from _make(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Give two more, whose inputs do not only grow."""
    yield from _make(tmp_path_factory.mktemp("faults"))


def _make(root: Path) -> Iterator[Pair]:
    with Site({}) as site:
        inputs = Inputs(root / "inputs", site)
        inputs.grow(8, 2, 3)
        made = Pair(inputs=inputs, desk=make_desk(root / "desk", inputs), calm=make_desk(root / "calm", inputs))
        ended = run(made.desk)
        assert ended.code == 0, ended.err
        yield made
