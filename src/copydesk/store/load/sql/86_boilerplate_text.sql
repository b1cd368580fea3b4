-- Of the spellings of a line ("3 comments", "12 comments") the first in alphabetical order is kept.
update audit.boilerplate as m
set text = n.text, label = n.label, sample_capture_ids = n.samples
from (
    select u.site, b.line_key, min(trim(b.text)) as text,
        mode(b.label::audit.block_label order by b.label) as label,
        list(distinct a.capture_id order by a.capture_id)[:3] as samples
    from in_cut_blocks as b
    join new_articles as a on a.part = b.part and a.capture_key = b.capture_id
    join unnamed_lines as u on u.line_key = b.line_key and u.site in (a.publisher, a.source)
    group by u.site, b.line_key
) as n
where m.site = n.site and m.line_key = n.line_key and m.text is null;
