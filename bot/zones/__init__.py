"""Time zones as people name them.

reading.py     a text -> the one zone that is meant, or what may be
names.py       what the zone files say: names, clocks, abbreviations, and how a zone is shown
gazetteer.py   places that the zone files do not have
"""
