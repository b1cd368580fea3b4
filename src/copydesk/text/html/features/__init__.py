"""Compute the feature matrix of the block model."""
