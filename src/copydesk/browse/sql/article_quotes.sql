select position, paragraph, text, kind, cue, speaker, speaker_name, rule, confidence
from main.quotes where revision_id = $revision::uuid
order by position
limit 200
