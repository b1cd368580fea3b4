r"""Carriers: files in which documents lie. Each module walks one kind, and opens again what it has walked.

    stream --contents--> Piece*     a document's bytes, and the steps that lead back to it
               |    \-> Skipped*   what could not be used, named after its defect
               \-- a carrier in a carrier is walked the same way, two deep

Nothing is written to disk, nothing is held but the document at hand; every byte is counted after decompression.
"""
