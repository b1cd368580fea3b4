-- One row per publisher and label: what was cut from the pages of its current texts, and one example.
create or replace view main.cut_summary as
select p.publisher, b.label, count(*) as blocks, count(distinct a.article_id) as pages,
    cast(sum(length(b.text)) as bigint) as chars, round(avg(b.confidence), 3) as confidence,
    mode(b.rule) as most_common_rule, mode(b.text) as most_common_text
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join audit.cut_blocks as b on b.capture_id = r.capture_id
join main.publishers as p on p.publisher_id = a.publisher_id
group by all;
comment on view main.cut_summary is 'One row per publisher and label: what was cut from its pages, and the line that was cut most often.';
comment on column main.cut_summary.label is 'What the line is.';
comment on column main.cut_summary.blocks is 'Blocks cut.';
comment on column main.cut_summary.pages is 'Pages they stood on.';
comment on column main.cut_summary.chars is 'Their characters.';
comment on column main.cut_summary.confidence is 'Mean certainty, 0.5 to 1.';
comment on column main.cut_summary.most_common_rule is 'The rule that cut most of them.';
comment on column main.cut_summary.most_common_text is 'The line that was cut most often.';
