"""Phrases -> values: countries, actors, places, names, dates, counts, codes.

Rules, tables and small linear models; no module here knows the network. A sub-package answers one
question and imports only those above it (``tests/test_architecture.py``):

    countries/  which country do these words name?
    actors/     which well-known actor is this, or which of the user's own list?
    places/     where did an event happen?
    names/      which mentions name the same thing, and what is it called?
    dates/      when did an event happen?
    counts/     how many people does a phrase count, and what was the toll of an event?
    codes/      what are an event and its actors in other schemes?

Other stages import what a sub-package's ``__init__`` exports; it lists its modules in the order in
which data flow through them.
"""
