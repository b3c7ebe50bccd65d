"""What stands behind the network and is fitted after it, one command a module.

    calibrate  the maps of scores, and the models that score arguments a second time (rescoring)
    countries  the weights that tell the country of an event
    dates      the weights that choose an event's date
    gazetteer  the index of place names, built from public lists and regions.tsv
    places     the weights that rank the places of a name
    tolls      the weights that choose the toll of an event

Each is ``python -m conflictwire.training.fit.NAME``; ``--help`` says what it reads.
"""
