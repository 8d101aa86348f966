"""Search: a query in, ranked papers out. Each step is a module that can be read by itself.

engine.py          a search from what was typed to a page of papers; the door for all others
query_plan.py      all that the index is asked for a query (bot/query has the language)
fts.py             FTS5's syntax, in which it is asked
spelling.py        a word no paper has -> the word it is meant to be
top_papers.py      a plan -> the numbers of the papers it finds, in order
candidates.py      which papers to rank, by words and by meaning, with their scores
lexical.py         words: which are rare enough to look for; BM25 with neighbouring words
vector_index.py    all vectors of one model: made in the background, the nearest to a query
quantize.py        vectors in 4 bits a dimension, and in 1 bit for Hamming distances
table.py           words -> vectors, by a table (table.npz, made by training/table.py)
encoder.py         whole texts -> vectors, by a model, where the extra `semantic` is installed
maxsim.py          how near a paper's words come to each word of a query
rank.py            three scores, or four -> one order
snippet.py         the sentence to show, and its words to make bold
relaxation.py      another query, where one finds nothing
unmet.py           what of it no stored paper has
authors.py         an author nobody is called -> the name it is meant to be
more_like_this.py  papers like a paper
complete.py        as you type
index_cache.py     what is kept in memory of the store
"""

import os

# Its threads wait busily for each other, and the products here are small. Read once, by numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
