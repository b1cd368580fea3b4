# ruff: noqa: D100
# %% [markdown]
# # From a folder of pages to a plot
#
# Run it cell by cell (VS Code, Spyder and Jupyter with jupytext read this format), or with `python docs/notebook.py`.
# It works in a new temporary folder, with the five sample pages; put a folder of your own in the place of `seeds`.

# %%
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl

import copydesk
from copydesk.resources import SEEDS

work = Path(os.environ.get("NOTEBOOK_FOLDER") or tempfile.mkdtemp())
shutil.copytree(SEEDS, work / "seeds", dirs_exist_ok=True)
(work / "copydesk.toml").write_text('[[source]]\nname = "seeds"\npaths = ["seeds"]\n', encoding="utf-8")

# %% [markdown]
# ## One page, in memory
# What is kept, what is cut, and why.

# %%
article = copydesk.extract_file(work / "seeds" / "001_f99d47caf96a5657.txt")
print(article.title)
print([author.name for author in article.authors], "-", len(article.paragraphs), "paragraphs")
blocks = pl.DataFrame(
    {
        "label": [block.label.value for block in article.blocks if block.text.strip()],
        "kept": [block.kept for block in article.blocks if block.text.strip()],
        "rule": [block.rule for block in article.blocks if block.text.strip()],
    }
)
print(blocks.group_by("label", "kept").len().sort("len", "label", descending=[True, False]))

# %% [markdown]
# ## The folder, in a warehouse

# %%
desk = copydesk.open_desk(work)
print(desk.run().numbers)

# %%
words = desk.sql("select title, body_words, body_chars from latest_articles order by body_words desc").pl()
print(words)

# %%
cut = desk.sql("select label::varchar as label, count(*) as blocks from audit.cut_blocks group by all").pl()
print(cut.sort("blocks", "label", descending=[True, False]))

# %% [markdown]
# ## A plot
# Words per article, as SVG: no plotting library is needed. With one, pass `words` to it (`words.to_pandas()`).


# %%
def bars(frame: pl.DataFrame, label: str, value: str) -> str:
    """Return a bar chart of a frame as SVG, a bar per row."""
    from html import escape

    longest = max(frame[value].to_list())
    rows = []
    for n, (name, number) in enumerate(frame.select(label, value).iter_rows()):
        y = 10 + 28 * n
        rows.append(f'<rect x="310" y="{y}" width="{280 * number / longest:.0f}" height="20" fill="#4477aa"/>')
        rows.append(f'<text x="300" y="{y + 15}" text-anchor="end">{escape(str(name)[:40])}</text>')
        rows.append(f'<text x="{315 + 280 * number / longest:.0f}" y="{y + 15}">{number}</text>')
    height = 20 + 28 * frame.height
    style = "font-family: sans-serif; font-size: 13px"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="660" height="{height}" style="{style}">{"".join(rows)}</svg>'
    )


plot = work / "words.svg"
plot.write_text(bars(words, "title", "body_words"), encoding="utf-8")
print("wrote", plot.name)  # in a notebook: IPython.display.SVG(plot)
