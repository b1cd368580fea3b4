"""What keeps a desk running, without Prefect: when sources run, who is told, which chores are done at night.

schedules (crontab, recurrence)   when a source runs next, right on the nights the clocks change
presence                          which service serves a desk, and which sources are paused
silence                           which source has been silent for longer than it may be
notify                            who is told when something changes state
upkeep                            retention, search index, snapshot, checks
"""
