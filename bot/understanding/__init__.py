"""Understanding: text in, findings out.

Works with Rasa and Django absent. The entry points set OMP_NUM_THREADS=1 before anything is
imported: with more threads one embedding can take seconds on a busy machine and a fork can hang.
"""
