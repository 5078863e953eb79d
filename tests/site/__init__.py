"""Tests of the built site, as a browser and a crawler see it."""
