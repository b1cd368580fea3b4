select story_id::varchar as story_id, article_count, publisher_count from main.stories
where starts_with(story_id::varchar, $id) limit 2
