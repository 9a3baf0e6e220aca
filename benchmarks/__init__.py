"""Measurements of streamflow beside langchain-core and hand-written code."""
