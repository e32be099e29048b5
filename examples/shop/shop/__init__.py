"""The services of the sample shop that are written in Python."""
