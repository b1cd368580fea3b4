"""State, health and notifications of a desk that runs by schedule, without Prefect.

state           which scheduler serves a desk, and which sources are paused
health          state of each source: failing, held, silent, paused
freshness       which source has brought nothing new for longer than its limit
notifications   one message when a trouble begins, one when it is over
notifiers       the channels: Apprise, a command, mail, and those of other packages
"""
