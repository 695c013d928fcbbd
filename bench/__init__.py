"""Measurements in ratios: each figure stands beside a plain one taken in the same run."""
