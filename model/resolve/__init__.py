"""Phrases -> values: dates, counts, countries, places, names of actors, codes.

Rules and tables only; no module here knows the network.
"""
