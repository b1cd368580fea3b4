"""A `[[watch]]` of `copydesk.toml`: which new stories are told, and how often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from copydesk.settings.sections import Section

__all__ = ["Watch"]

TopicName = Literal[
    "conflict", "crime", "culture", "disaster", "economy", "education", "environment", "health", "human_interest",
    "labour", "lifestyle", "politics", "religion", "science", "society", "sport", "weather",
]  # fmt: skip


class Watch(Section):
    """New stories that meet all conditions are sent to the channels of `[notify]`, one line a story.

    Attributes:
        name: Unique; letters, digits, "-" and "_".
        words: Any of these words or phrases occurs in headline or text, whole, case and accents apart.
        person: The story names a person whose name has these words.
        topic: Short name of a media topic: politics, sport, economy, ...
        publisher: Only stories of this publisher (its domain).
        every: `run` sends after each run, `hour` and `day` at most once in an hour or a day.
        enabled: Whether it is on.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    words: tuple[str, ...] = ()
    person: str | None = None
    topic: TopicName | None = None
    publisher: str | None = None
    every: Literal["run", "hour", "day"] = "run"
    enabled: bool = True

    @field_validator("words", mode="before")
    @classmethod
    def _one_word(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_a_condition(self) -> Watch:
        if not (any(w.strip() for w in self.words) or self.person or self.topic or self.publisher):
            raise ValueError("give at least one of words, person, topic, publisher")
        return self
