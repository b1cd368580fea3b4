-- One row per source whose quotes mostly have no speaker.
-- id: quotes_without_speaker
-- severity: warn
-- threshold: 0.6
-- unit: share of quotes without a speaker
-- dimension: completeness
-- because: News says who said what; quotes without speakers in most of a batch mean that names were cut away with the furniture, or that the pages are no news.
-- example: Forty quotes, and who said them was cut.
select a.source, avg((q.speaker is null)::integer) as value, count(*) as inputs,
    format('{} of {} quotes', count(*) filter (q.speaker is null), count(*)) as detail
from batch_quotes as q join batch_loaded as a using (capture_id)
group by a.source
having count(*) >= 30 and value > $threshold
