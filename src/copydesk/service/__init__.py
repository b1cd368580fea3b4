"""What keeps a desk running, without Prefect.

state           which scheduler serves a desk, and which sources are paused
health          how each source stands: failing, held, silent, paused
freshness       which source has been silent for longer than it may be
notifications   one message when a trouble begins, one when it is over
notifiers       the channels: Apprise, a command, mail, and those of other packages
"""
