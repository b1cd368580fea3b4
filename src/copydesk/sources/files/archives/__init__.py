r"""Archives: files that hold documents. Each module reads one format and reopens its members by offset.

    stream --walk--> Member*     a document's bytes, and the steps that lead back to it
               |  \-> Skipped*  what could not be used, with the reason
               \-- an archive in an archive is read the same way, two deep

Nothing is written to disk; only the current document is in memory; every byte is counted after decompression.
"""
