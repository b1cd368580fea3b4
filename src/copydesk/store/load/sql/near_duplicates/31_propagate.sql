-- One step of label propagation: every article takes the smallest cluster label among itself and its neighbours.
create or replace temp table next_clusters as
with names as (
    select e.one as article_id, min(c.cluster) as cluster
    from edges as e join clusters as c on c.article_id = e.other
    group by e.one
)
select c.article_id, least(c.cluster, n.cluster) as cluster
from clusters as c join names as n using (article_id);
