"""Reports -> the forms that other programs read, one row or record an event.

    view.py       an event with what the rest of its Report says of it
    parties.py    who stands on which side of an event, with codes of actors
    geography.py  country codes and regions of the outside schemes, grid cells
    rows.py       the flat row: columns of ``events_frame``, CSV, Parquet, GeoJSON
    frame.py, delimited.py, parquet.py, geojson.py   those forms
    acled.py, ucdp.py, plover.py                     layouts of event data sets
    html.py                                          a page for people
    base.py, cells.py                                what a writer is, what a cell may hold
    saved.py, repeats.py                             saved Reports, read again; shared ids

``README.md`` beside this file describes every column. ``outputs.py`` maps names to writers.
"""
