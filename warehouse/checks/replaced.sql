-- One row per source that answers for known articles with something else than these articles.
-- id: replaced
-- severity: hold
-- threshold: 2
-- unit: known articles
-- dimension: accuracy
-- because: Articles are corrected one by one. When three that differed get one and the same text, or most that changed lose four fifths of it, the site answered with a notice, a wall or its front page, whatever the words; loading it would make it the current text of each.
-- example: Five known stories came back as "Please sign in".
with changed as (
    select a.source, a.capture_id, a.article_id, k.text_sha256 as former, a.body_chars < 0.2 * k.body_chars as is_short
    from batch_loaded as a
    join batch_known as k using (article_id)
    where k.revision_id <> a.revision_id
),
bodies as (
    select capture_id, sum(hash(text)) as body
    from batch_paragraphs
    semi join changed using (capture_id)
    group by capture_id
),
found as (
    select source, least(count(distinct article_id), count(distinct former)) as articles,
        format('{} known articles got one and the same text', count(distinct article_id)) as detail
    from changed
    join bodies using (capture_id)
    group by source, body
    union all
    select source, count(distinct article_id) filter (is_short) as articles,
        format('{} of {} known articles that changed came back with less than a fifth of their text',
            count(distinct article_id) filter (is_short), count(distinct article_id)) as detail
    from changed
    group by source
    having articles > 0.5 * count(distinct article_id)
)
select source, max(articles) as value, arg_max(detail, articles) as detail
from found
group by source
having value > $threshold
