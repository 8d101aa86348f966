"""Search: a query in, ranked papers out. Each step is a module that can be read by itself.

query_plan.py  what the index is asked for a query (bot/query has the language)
fts.py         FTS5's syntax, in which it is asked
spelling.py    a word no paper has -> the word that was meant
names.py       an author nobody is called -> the one that was meant
candidates.py  which papers to rank, by words and by meaning
lexical.py     words: BM25 with neighbouring words
table.py       words -> vectors, by a table (table.npz, made by training/table.py)
encoder.py     whole texts -> vectors, by a model, where the extra `semantic` is installed
semantic.py    the nearest papers by their vectors' signs; the nearest words
space.py       all vectors of one model: made in the background, the nearest of a query
rank.py        three scores, or four -> one order
why.py         the sentence to show, and its words to make bold
likeness.py    papers like a paper
complete.py    as you type
memory.py      what is kept in memory of the store
engine.py      all of it in one path, over the store
"""

import os

# Its threads wait busily for each other, and the products here are small. Read once, by numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
