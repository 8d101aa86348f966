"""The one query language, for searches, topics and whatever else selects papers. Pure.

parse.py       what was typed -> Query; dialect.py: other engines' ways, in ours
query.py       Query: conditions, written back exactly, tested against a paper
operators/     one file an operator: parsed, written, said in English, tested, asked of an index
clause.py      what an index is asked, in no index's syntax
paper.py       a paper as conditions look at it; graph.py: a text as a token graph
terms.py       a word in each way it may be written
normal.py      papers and queries written the same way; fold.py, latex.py: its characters
"""
