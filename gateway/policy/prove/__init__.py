"""Proofs about a compiled bundle, for every question it can be asked.

The bundle's own tables are read back, checked against each other and turned into one
formula; a solver (z3, extra ``prove``) then looks for a question that breaks what is
claimed. What it finds is written as a case file, which the evaluator decides.
Only :mod:`gateway.policy.prove.solving` and what builds on it needs the solver.
"""
