"""Train the network over a page's lines that says where the story starts and ends. Needs torch (group `train`).

`text_train.py` calls it. Per line: its bins, standardised, whether each is the lowest, the classes of the first and
last character, whether its words have points. Five residual blocks of convolutions over 3 lines, dilated 1, 2, 4, 8 and
16: a line sees 31 lines each way, and the page's mean and maximum.

A page in four is shown without words, so one network serves all languages. Pages are cropped around their story. One
thread and a fixed seed: the same numbers on the same machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from text_pages import FOLDS, WEIGHT, ends
from text_prepare import Prepared
from text_quantise import bin_factors, dump_network, quantise
from torch import Tensor, nn
from torch.nn import functional as fn

from copydesk.text.plain.features.bins import WORD_COLUMNS
from copydesk.text.plain.model.network import BLOCKS, CLASSES, MAX_INPUT, WIDTH

__all__ = ["Recipe", "out_of_fold_points", "ship"]

MAX_CROP, BATCH_LINES = 600, 2400
END_WEIGHT, DROPOUT, WORDLESS = 0.12, 0.15, 0.25
MOST = {"z": 60.0, "page": 30.0, "joined": 30.0}
"""Largest value of each layer's result in the file; the largest on the pages is about half of it."""


@dataclass(frozen=True)
class Recipe:
    """Settings of one training."""

    epochs: int = 5
    rate: float = 4e-3
    decay: float = 0.01
    seed: int = 1


class Network(nn.Module):
    """Three outputs per line: log-odds of keep, and points for being the start and the end."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.register_buffer("top", torch.tensor(MAX_INPUT / bin_factors(std.numpy())).float())
        self.inputs = nn.Linear(2 * len(mean) + 1, WIDTH)
        self.head, self.tail = nn.Embedding(CLASSES, WIDTH), nn.Embedding(CLASSES, WIDTH)
        for table in (self.head, self.tail):
            nn.init.normal_(table.weight, std=0.1)
        self.blocks = nn.ModuleList(nn.Linear(3 * WIDTH, WIDTH) for _ in range(BLOCKS))
        self.page = nn.Linear(2 * WIDTH, WIDTH)
        self.joined = nn.Linear(3 * WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, 3)

    def forward(self, bins: Tensor, head: Tensor, tail: Tensor, known: Tensor, page: Tensor) -> Tensor:
        """Return (lines, 3); `page` is the ascending page number of each line."""
        standard = torch.minimum(bins, self.top)  # as the file's whole numbers are cut
        x = torch.cat([(standard - self.mean) / self.std, (bins == 0).float(), known[:, None]], 1)
        first = fn.relu(self.inputs(x) + self.head(head) + self.tail(tail))
        first = fn.dropout(first, DROPOUT, self.training)
        z = first
        n = len(z)
        here = torch.arange(n)
        for k, block in enumerate(self.blocks):
            padded = torch.cat([z, z.new_zeros(1, WIDTH)])
            near = [_beside(here, page, -(1 << k)), here, _beside(here, page, 1 << k)]
            z = z + fn.relu(block(torch.cat([padded[at] for at in near], 1)))
        z = fn.dropout(z, DROPOUT, self.training)
        pages = int(page[-1]) + 1
        size = torch.bincount(page, minlength=pages)
        mean = z.new_zeros(pages, WIDTH).index_add(0, page, z) / size[:, None]
        top = z.new_zeros(pages, WIDTH).scatter_reduce(0, page[:, None].expand(-1, WIDTH), z, "amax")
        whole = fn.relu(self.page(torch.cat([mean, top], 1)))
        joined = fn.relu(self.joined(torch.cat([z, whole[page], first], 1)))
        return self.out(fn.dropout(joined, DROPOUT, self.training))


def _beside(here: Tensor, page: Tensor, step: int) -> Tensor:
    """Return the index of the line `step` lines on, or of the row of zeros if the page has no such line."""
    at = here + step
    ok = (at >= 0) & (at < len(here))
    ok &= page[at.clamp(0, len(here) - 1)] == page
    return torch.where(ok, at, len(here))


def log_share(points: Tensor, page: Tensor) -> Tensor:
    """Return the log-softmax over each page's lines."""
    pages = int(page[-1]) + 1
    top = points.new_full((pages,), -1e9).scatter_reduce(0, page, points.detach(), "amax")
    total = points.new_zeros(pages).index_add(0, page, (points - top[page]).exp())
    return points - top[page] - total.log()[page]


@dataclass
class Crop:
    """Lines a..b-1 of a page, and its story's first and last line or -1."""

    a: int
    b: int
    start: int
    end: int


def crops(data: Prepared, pages: np.ndarray, rng: np.random.Generator) -> list[Crop]:
    """Return a crop of every page around its story."""
    out = []
    for p in pages:
        low, high = data.page_start[p], data.page_start[p + 1]
        story = ends(data.rows[p]["y"])
        if story is None:
            a = low + rng.integers(0, max(1, high - low - 150))
            out.append(Crop(a, min(high, a + 300), -1, -1))
            continue
        first, last = low + story[0], low + story[1]
        a, b = max(low, first - rng.integers(20, 151)), min(high, last + 1 + rng.integers(20, 151))
        if b - a > MAX_CROP:
            a, b = (a, a + MAX_CROP) if rng.random() < 0.5 else (b - MAX_CROP, b)
        out.append(Crop(a, b, first if a <= first else -1, last if last < b else -1))
    return out


def train(data: Prepared, fold: int | None, recipe: Recipe, log: Callable[[str], None]) -> Network:
    """Return a network trained without a fold."""
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(recipe.seed)
    bins = data.training(fold)
    pages = np.array([p for p, r in enumerate(data.rows) if r["units"] and r["fold"] != fold])
    some = bins[data.fold != (-1 if fold is None else fold)]
    mean, std = some.mean(0, dtype=np.float64), some.std(0) + 0.05
    net = Network(torch.tensor(mean).float(), torch.tensor(std).float())
    steps = recipe.epochs * sum(1 for _ in packed(crops(data, pages, np.random.default_rng(0))))
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps + recipe.epochs)
    for epoch in range(recipe.epochs):
        losses = []
        for batch in packed(crops(data, rng.permutation(pages), rng)):
            if schedule.last_epoch >= steps:
                break
            loss = _loss(net, data, bins, batch, rng)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        log(f"network without fold {fold}, epoch {epoch}: loss {np.mean(losses):.4f}")
    return net.eval()


def _loss(net: Network, data: Prepared, bins: np.ndarray, batch: list[Crop], rng: np.random.Generator) -> Tensor:
    """Return the weighted loss of a batch: of keep per line, of start and end per page."""
    sizes = [c.b - c.a for c in batch]
    rows = np.concatenate([np.arange(c.a, c.b) for c in batch])
    page = torch.tensor(np.repeat(np.arange(len(batch)), sizes))
    dark = np.repeat(rng.random(len(batch)) < WORDLESS, sizes)
    out = net(*_inputs(data, bins, rows, dark), page)
    weight = np.array([data.rows[data.page[c.a]]["weight"] for c in batch])
    shorter = np.minimum(1.0, (100 / np.array(sizes)) ** 0.3)
    of_label = np.array([WEIGHT.get(c, 0.0) for c in data.label[rows]])
    w = torch.tensor(of_label * np.repeat(weight * shorter, sizes), dtype=torch.float32)
    target = torch.tensor(data.y[rows], dtype=torch.float32)
    loss = (fn.binary_cross_entropy_with_logits(out[:, 0], target, reduction="none") * w).sum() / w.sum()
    firsts = np.concatenate(([0], np.cumsum(sizes)))
    for column, ends_ in ((1, [c.start for c in batch]), (2, [c.end for c in batch])):
        some = [k for k, at in enumerate(ends_) if at >= 0]
        if some:
            share = log_share(out[:, column], page)[[firsts[k] + ends_[k] - batch[k].a for k in some]]
            by = torch.tensor(weight[some], dtype=torch.float32)
            loss = loss - END_WEIGHT * (share * by).sum() / by.sum()
    return loss


def _inputs(data: Prepared, bins: np.ndarray, rows: np.ndarray, dark: np.ndarray) -> tuple[Tensor, ...]:
    """Return bins, first and last character and whether words are known; `dark` lines are shown without words."""
    x, known = bins[rows].astype(np.float32), data.known[rows] & ~dark
    x[np.ix_(~known, WORD_COLUMNS)] = 0
    head, tail = data.head[rows].astype(np.int64), data.tail[rows].astype(np.int64)
    return torch.tensor(x), torch.tensor(head), torch.tensor(tail), torch.tensor(known, dtype=torch.float32)


def packed(some: list[Crop]) -> Iterator[list[Crop]]:
    """Yield batches of pages with about `BATCH_LINES` lines."""
    batch: list[Crop] = []
    size = 0
    for crop in some:
        batch.append(crop)
        size += crop.b - crop.a
        if size >= BATCH_LINES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def predict(layers_text: str, data: Prepared, pages: np.ndarray, scratch: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the pages' lines and their three numbers, by the product's code from the file's text."""
    from copydesk.text.plain.model.network import load_network

    scratch.write_text(layers_text, encoding="utf-8")
    load_network.cache_clear()
    network = load_network(scratch)
    rows = np.flatnonzero(np.isin(data.page, pages))
    bins = data.bins[rows]
    bins[np.ix_(~data.known[rows], WORD_COLUMNS)] = 0
    sizes = np.bincount(data.page[rows], minlength=len(data.rows))[pages]
    parts = []
    at = 0
    for k in range(0, len(pages), 50):
        bounds = np.concatenate(([0], np.cumsum(sizes[k : k + 50])))
        some = slice(at, at + bounds[-1])
        here = rows[some]
        parts.append(network.points(bins[some], data.head[here], data.tail[here], data.known[here], bounds))
        at += bounds[-1]
    return rows, np.concatenate(parts)


def ship(data: Prepared, work: Path, recipe: Recipe, log: Callable[[str], None], fold: int | None = None) -> str:
    """Return the text of the file of a network trained without a fold, or on all pages; it is kept in `work`."""
    kept = work / f"network{'' if fold is None else fold}.json"
    if not kept.exists():
        net = train(data, fold, recipe, log)
        state = {name: value.numpy() for name, value in net.state_dict().items()}
        kept.write_text(dump_network(quantise(state, MOST), {"made_by": "bench/text_train.py"}), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def out_of_fold_points(data: Prepared, work: Path, recipe: Recipe, log: Callable[[str], None]) -> np.ndarray:
    """Return every line's three numbers by a network trained without its fold, in whole numbers as shipped."""
    out = np.zeros((len(data.y), 3))
    for fold in range(FOLDS):
        text = ship(data, work, recipe, log, fold)
        pages = np.array([p for p, r in enumerate(data.rows) if r["units"] and r["fold"] == fold])
        rows, points = predict(text, data, pages, work / "scratch.json")
        out[rows] = points
    return out
