"""Features of the twin of the second model, for pages of low confidence: trafilatura's choice beside the context.

Length-weighted means over the element, its containers and blocks of the same markup, values of the neighbours, and how
well the two agree on the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.features.columns import Array, shift, window
from copydesk.text.html.features.context_features import CONTEXT_COLUMNS, group_mean
from copydesk.text.html.features.measure_blocks import BlockMeasures

__all__ = ["COLUMNS", "blend_rows"]

_THEIRS = "t_share t_element t_c1 t_c2 t_like t_prev1 t_next1 t_near2 t_kept t_agree t_kept_share"
COLUMNS = (*CONTEXT_COLUMNS, *_THEIRS.split())


def blend_rows(context: Array, measured: BlockMeasures, p: Array, t: Array) -> Array:
    """Return one row per block, columns as in `COLUMNS`.

    Args:
        context: Rows of the second model.
        measured: Features of the page.
        p: Probability of each block by the first model.
        t: Share of each block's words that trafilatura kept.
    """
    return np.column_stack([context, *_theirs(measured, p, t)]).astype(np.float32)


def _theirs(measured: BlockMeasures, p: Array, t: Array) -> list[NDArray[np.generic]]:
    size, n = measured.size, len(p)
    kept_p, kept_t = float(size[p >= 0.5].sum()), float(size[t >= 0.5].sum())
    both = float(size[(p >= 0.5) & (t >= 0.5)].sum())
    return [
        t,
        group_mean(t, size, measured.element),
        *(group_mean(t, size, measured.parents[:, k]) for k in range(2)),
        group_mean(t, size, measured.signature),
        shift(t, -1),
        shift(t, 1),
        window(t, 2, size),
        np.full(n, kept_t),
        np.full(n, 2 * both / max(1.0, kept_p + kept_t)),
        np.full(n, kept_t / max(1.0, kept_p)),
    ]
