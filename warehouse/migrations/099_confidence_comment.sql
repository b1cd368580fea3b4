-- Confidence is calibrated: what it says is what held-out pages have.

comment on column main.revisions.confidence is 'Word F1 to expect of the text, 0 to 1 (rules/confidence.toml); of revisions extracted before: mean certainty of the kept/cut decisions.';
