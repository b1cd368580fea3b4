"""Quotes and their speakers: who said what, in the paragraphs of one article. Pure: text and language in, records out.

    paragraphs --marks--> quoted stretches --items--> sentences in which each stretch is one item
               --attribute--> cue and speaker, before, after or around it --carry--> over sentences and paragraphs
               --indirect--> "she said that ..."      --people--> "he" and "Berg" become the fullest name

The words of each language stand in `rules/cues/<language>.toml`; the code knows no word of any language.
"""
