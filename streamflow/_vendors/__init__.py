"""Vendors of models: who and where they are, and how they are asked over HTTP.

What chat models and embeddings share. It knows nothing of messages or of vectors.
"""
