select count(*) as stories from (select 1 from main.stories where publisher_count >= $least limit 1001)
