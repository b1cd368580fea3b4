"""Words that tell a topic are counted wherever they stand."""

from __future__ import annotations

from copydesk.text.topics.find_topics import inferred_topics


def test_a_word_counts_with_and_without_marks_around_it() -> None:
    """Commas, brackets and line ends beside a word neither hide it nor make another word of it."""
    text = "Election, election\n(election) election; “election” ballot. Ballot\tballot"
    text += " parliament (parliament), parliament!"
    plain = "election election election election election ballot ballot ballot parliament parliament parliament"
    (topic,) = inferred_topics(None, [text], "en")
    assert (topic,) == inferred_topics(None, [plain], "en")
    assert "election 5" in topic.evidence
